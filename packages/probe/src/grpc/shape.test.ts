import { describe, expect, it } from 'vitest'
import { targetOf } from './shape.ts'

describe(targetOf, () => {
  it.each([
    ['dns:api.example.com:443', 'api.example.com', 443],
    ['dns:///api.example.com:443', 'api.example.com', 443],
    ['dns://8.8.8.8/api.example.com:443', 'api.example.com', 443],
    ['dns:127.0.0.1:50051', '127.0.0.1', 50_051],
    ['dns:[::1]:50051', '::1', 50_051],
    ['dns:api.example.com', 'api.example.com', null],
    ['ipv4:10.0.0.1:80,10.0.0.2:80', '10.0.0.1', 80],
    ['localhost:50051', 'localhost', 50_051],
    ['unix:/run/orders.sock', '/run/orders.sock', null],
    ['unix:///run/orders.sock', '/run/orders.sock', null],
  ])('reads %s', (target, host, port) => {
    expect(targetOf(target)).toEqual({ host, port, database: null, user: null })
  })
})
