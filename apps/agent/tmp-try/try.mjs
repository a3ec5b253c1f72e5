import pg from 'pg'
import { createSource } from '../dist/sources/create-source.js'
const D = process.argv[2]
const url = `postgresql://postgres:secret@127.0.0.1:54999/postgres`
const admin = new pg.Client(url); await admin.connect()
await admin.query("create role poolscope login password 'x' connection limit 1; grant pg_monitor to poolscope; create role nope nologin; create role capp login password 'x'")
const mk = (u, name) => { const s = createSource({system:'postgresql', name, address:'127.0.0.1:54999', url:u}, {now:Date.now, random:Math.random}); s.start(u => console.log(name, u.state, u.error ?? '', u.sample ? JSON.stringify({...u.sample, sessions:u.sample.sessions.length}) : '')); return s }
const a = mk('postgresql://poolscope:x@127.0.0.1:54999/postgres','ok')
await new Promise(r=>setTimeout(r,1500))
console.log(JSON.stringify((await admin.query("select application_name, current_setting('statement_timeout') from pg_stat_activity where application_name='poolscope'")).rows))
const l = [mk('postgresql://poolscope:x@127.0.0.1:54999/postgres','limit'), mk('postgresql://poolscope:wrong@127.0.0.1:54999/postgres','badpw'), mk('postgresql://nope:x@127.0.0.1:54999/postgres','nologin'), mk('postgresql://capp@127.0.0.1:54999/postgres','nopw'), mk('postgresql://capp:x@127.0.0.1:54999/zzz','nodb'), mk('postgresql://capp:x@127.0.0.1:54999/postgres?sslmode=require','tls'),mk('postgresql://capp:x@nohost.invalid/postgres','dns'),mk('postgresql://capp:x@127.0.0.1:1/postgres','refused'),mk(`postgresql://capp:x@/postgres?host=${D}&port=54999`,'sock'),mk(`postgresql:///postgres?host=/nosuch&user=x`,'nosock')]
await new Promise(r=>setTimeout(r,2500))
const hold=[]; try { for(;;){const c=new pg.Client({connectionString:'postgresql://capp:x@127.0.0.1:54999/postgres'}); await c.connect(); hold.push(c)} } catch(e){console.log('full', e.code, e.routine)}
l.push(mk('postgresql://capp:x@127.0.0.1:54999/postgres','full'))
await new Promise(r=>setTimeout(r,1500))
await Promise.all(l.map(s=>s.stop()))
console.log(JSON.stringify((await admin.query("select count(*) from pg_stat_activity where application_name='poolscope'")).rows))
await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name='poolscope'")
await new Promise(r=>setTimeout(r,1500))
const t=Date.now(); await a.stop(); console.log('stopped', Date.now()-t)
for (const c of hold) await c.end(); await admin.end()
