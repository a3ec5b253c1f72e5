export { type PostgresOptions, type RunningPostgres, startPostgres } from './postgres.ts'
export { binariesIn, type PostgresBinaries, packagedBinaries } from './postgres-binaries.ts'
export { type PreparedShop, prepareShop, type RunningShop, startShop } from './shop/shop.ts'
