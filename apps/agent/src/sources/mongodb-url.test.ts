import { describe, expect, it } from 'vitest'
import { mongodbAddress, mongodbPeerUrl, parseMongodbUrl } from './mongodb-url.ts'

describe(mongodbAddress, () => {
  it.each([
    ['mongodb://db.internal', 'db.internal:27017'],
    ['mongodb://u:p@DB.internal:27018/app?authSource=admin', 'db.internal:27018'],
    ['mongodb://a.internal:1,b.internal:2/?replicaSet=rs', 'a.internal:1'],
    ['mongodb://[::1]:27018/', '[::1]:27018'],
    ['mongodb://[::1]', '[::1]:27017'],
    ['mongodb://%2Ftmp%2Fmongodb-27017.sock/app', '/tmp/mongodb-27017.sock'],
    ['mongodb+srv://u:p@Cluster0.example.net/app', 'cluster0.example.net'],
  ])('reads %s', (url, address) => {
    expect(mongodbAddress(url)).toBe(address)
  })

  it.each(['mongodb://', 'mongodb:///app', 'mongodb://h:x/', 'mongodb+srv://h:1/', 'mongodb://%zz@h/'])(
    'refuses %s',
    (url) => {
      expect(() => mongodbAddress(url)).toThrow(Error)
    },
  )
})

describe(parseMongodbUrl, () => {
  it('keeps what logging in and TLS need, and nothing about pools, reads and writes', () => {
    const url =
      'mongodb://u%40x:p@h/app?authSource=admin&retryWrites=true&wtimeoutMS=5000&tls=true&maxPoolSize=50'
    expect(parseMongodbUrl(url)).toEqual({
      address: 'h:27017',
      srv: false,
      url: 'mongodb://u%40x:p@h/app?authSource=admin&tls=true',
      user: 'u@x',
    })
  })

  it('takes a password from beside the URL', () => {
    const { url } = parseMongodbUrl('mongodb://u@h?password=a%2Fb&authSource=x')
    expect(url).toBe('mongodb://u:a%2Fb@h/?authSource=x')
  })
})

describe(mongodbPeerUrl, () => {
  it('names another member with the same login', () => {
    const url = 'mongodb://u:p@a,b/app?replicaSet=rs&authSource=admin'
    expect(mongodbPeerUrl(url, 'b.internal:27018')).toBe(
      'mongodb://u:p@b.internal:27018/app?authSource=admin',
    )
  })

  it('keeps the TLS that comes with names of DNS', () => {
    expect(mongodbPeerUrl('mongodb+srv://u:p@c.example.net/', 'x:1')).toBe('mongodb://u:p@x:1/?tls=true')
  })
})
