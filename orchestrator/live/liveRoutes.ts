import { z } from 'zod'
import type { Census } from '../../model/census.ts'
import { copyAnswer, timelineAnswer, timelineQuery } from '../../model/wire/console.ts'
import type { HttpApp } from '../../service/http.ts'
import type { Store } from '../../store/store.ts'
import type { AdminGuard } from '../access/adminGuard.ts'
import { copyPage } from './copyPage.ts'
import type { LiveFeed } from './liveFeed.ts'
import type { Timeline } from './timeline.ts'

export interface LiveParts {
  feed: LiveFeed
  timeline: Timeline
  census: () => Census
  store: Pick<Store, 'decisionsOn' | 'guildName'>
  guard: AdminGuard
}

/** What the console shows of the world. Each orchestrator answers, whether it leads or not. */
export function liveRoutes(http: HttpApp, { feed, timeline, census, store, guard }: LiveParts): void {
  const viewer = guard.for('view')
  http.get('/v1/live', viewer, (request, reply) => {
    void reply.header('content-type', 'text/event-stream').header('cache-control', 'no-store').header('x-accel-buffering', 'no')
    return reply.send(request.method === 'HEAD' ? undefined : feed.stream())
  })
  http.get('/v1/timeline', { ...viewer, schema: { querystring: timelineQuery, response: { 200: timelineAnswer } } }, ({ query }) => timeline.since(query.since))
  http.get('/v1/copies/:copy', { ...viewer, schema: { params: z.object({ copy: z.string().min(1).max(128) }), response: { 200: copyAnswer } } }, ({ params }) =>
    copyPage(census(), store, params.copy),
  )
}
