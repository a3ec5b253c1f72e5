import { Suspense } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { lazyPart } from './lib/lazy-part.ts'
import { FleetPage } from './pages/FleetPage.tsx'
import { NotFoundPage } from './pages/NotFoundPage.tsx'
import { ErrorBoundary } from './panels/ErrorBoundary.tsx'
import { Skeleton } from './ui/Skeleton.tsx'

const Queries = lazyPart(() => import('./api/Queries.tsx').then((part) => part.Queries))
const PoolPage = lazyPart(() => import('./pages/PoolPage.tsx').then((page) => page.PoolPage))
const MapPage = lazyPart(() => import('./pages/MapPage.tsx').then((page) => page.MapPage))
const ServersPage = lazyPart(() => import('./pages/ServersPage.tsx').then((page) => page.ServersPage))
const SizePage = lazyPart(() => import('./pages/SizePage.tsx').then((page) => page.SizePage))
const ServerPage = lazyPart(() => import('./pages/ServerPage.tsx').then((page) => page.ServerPage))
const AlertsPage = lazyPart(() => import('./pages/AlertsPage.tsx').then((page) => page.AlertsPage))
const AlertPage = lazyPart(() => import('./pages/AlertPage.tsx').then((page) => page.AlertPage))
const AdvicePage = lazyPart(() => import('./pages/AdvicePage.tsx').then((page) => page.AdvicePage))
const BlackBoxPage = lazyPart(() => import('./pages/BlackBoxPage.tsx').then((page) => page.BlackBoxPage))

/** Every page and its address. The fleet comes with the first load, the others when they are opened. */
export function Routes() {
  const [path] = useLocation()
  return (
    <ErrorBoundary resetKey={path}>
      <Suspense fallback={<Skeleton what="the page" />}>
        <Switch>
          <Route path="/">
            <Redirect to="/fleet" replace />
          </Route>
          <Route path="/fleet" component={FleetPage} />
          <Route path="/pools/:groupId">
            {({ groupId }) => (
              <Queries>
                <PoolPage key={groupId} groupId={groupId} />
              </Queries>
            )}
          </Route>
          <Route path="/map" component={MapPage} />
          <Route path="/servers" component={ServersPage} />
          <Route path="/servers/:id">
            {({ id }) => (
              <Queries>
                <ServerPage key={id} id={id} />
              </Queries>
            )}
          </Route>
          <Route path="/size">
            <Queries>
              <SizePage />
            </Queries>
          </Route>
          <Route path="/alerts">
            <Queries>
              <AlertsPage />
            </Queries>
          </Route>
          <Route path="/alerts/:id">
            {({ id }) => (
              <Queries>
                <AlertPage key={id} id={id} />
              </Queries>
            )}
          </Route>
          <Route path="/advice">
            <Queries>
              <AdvicePage />
            </Queries>
          </Route>
          <Route path="/blackbox">
            <Queries>
              <BlackBoxPage />
            </Queries>
          </Route>
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </ErrorBoundary>
  )
}
