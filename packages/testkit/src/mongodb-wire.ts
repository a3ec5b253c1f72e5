import { type Document, deserialize, serialize } from 'bson'

/** One message of MongoDB's wire protocol, as far as this package speaks it. */
export type WireMessage = {
  requestId: number
  responseTo: number
  /** OP_QUERY is what a driver begins with; everything else goes as OP_MSG. */
  kind: 'msg' | 'query' | 'reply'
  /** The command with its documents, or the reply to one. */
  body: Document
  /** The sender waits for no answer. */
  moreToCome: boolean
  /** Length of the whole message. */
  bytes: number
}

const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013
const HEADER = 16
const CHECKSUM = 1
const MORE_TO_COME = 2
const LONGEST = 48_000_000

/** Cuts a stream of bytes into messages. @returns what to call with each chunk; it throws on anything else */
export function messageReader(onMessage: (message: WireMessage) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= HEADER) {
      const length = rest.readInt32LE(0)
      if (length < HEADER || length > LONGEST) throw new RangeError(`a message of ${length} bytes`)
      if (rest.length < length) return
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      onMessage(read(message))
    }
  }
}

/** A command or its answer as OP_MSG. */
export function writeMsg(requestId: number, responseTo: number, body: Document): Buffer {
  return frame(OP_MSG, requestId, responseTo, [Buffer.alloc(4), Buffer.of(0), Buffer.from(serialize(body))])
}

/** The answer to an OP_QUERY. */
export function writeReply(requestId: number, responseTo: number, body: Document): Buffer {
  const head = Buffer.alloc(20)
  head.writeInt32LE(1, 16)
  return frame(OP_REPLY, requestId, responseTo, [head, Buffer.from(serialize(body))])
}

function frame(opcode: number, requestId: number, responseTo: number, parts: Buffer[]): Buffer {
  const message = Buffer.concat([Buffer.alloc(HEADER), ...parts])
  message.writeInt32LE(message.length, 0)
  message.writeInt32LE(requestId, 4)
  message.writeInt32LE(responseTo, 8)
  message.writeInt32LE(opcode, 12)
  return message
}

function read(message: Buffer): WireMessage {
  const common = {
    requestId: message.readInt32LE(4),
    responseTo: message.readInt32LE(8),
    bytes: message.length,
    moreToCome: false,
  }
  const opcode = message.readInt32LE(12)
  if (opcode === OP_QUERY) {
    const nameEnd = message.indexOf(0, HEADER + 4)
    const database = message.toString('utf8', HEADER + 4, nameEnd).split('.')[0]
    // Two numbers stand between the name and the document.
    const body = { ...documentAt(message, nameEnd + 9).document, $db: database }
    return { ...common, kind: 'query', body }
  }
  if (opcode === OP_REPLY)
    return { ...common, kind: 'reply', body: documentAt(message, HEADER + 20).document }
  if (opcode !== OP_MSG) throw new RangeError(`opcode ${opcode} is not spoken here`)
  const flags = message.readUInt32LE(HEADER)
  const end = message.length - ((flags & CHECKSUM) === 0 ? 0 : 4)
  const body: Document = {}
  for (let at = HEADER + 4; at < end; ) at = readSection(message, at, body)
  return { ...common, kind: 'msg', body, moreToCome: (flags & MORE_TO_COME) !== 0 }
}

/** Reads a section of OP_MSG into `body`. @returns where the next one begins */
function readSection(message: Buffer, at: number, body: Document): number {
  const kind = message[at]
  if (kind === 0) {
    const { document, end } = documentAt(message, at + 1)
    Object.assign(body, document)
    return end
  }
  const end = at + 1 + message.readInt32LE(at + 1)
  const nameEnd = message.indexOf(0, at + 5)
  const documents: Document[] = []
  for (let next = nameEnd + 1; next < end; ) {
    const one = documentAt(message, next)
    documents.push(one.document)
    next = one.end
  }
  body[message.toString('utf8', at + 5, nameEnd)] = documents
  return end
}

function documentAt(message: Buffer, at: number): { document: Document; end: number } {
  const end = at + message.readInt32LE(at)
  return { document: deserialize(message.subarray(at, end)), end }
}
