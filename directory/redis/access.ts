import { createHash } from 'node:crypto'
import { type ProcessKind, roles } from '../../model/access/process.ts'
import { Keys } from './keys.ts'

/** Commands that each process sends itself, and those that its scripts send. None of them lists keys, flushes, configures or reads about other clients. */
const connecting = ['ping', 'info', 'time', 'role', 'wait', 'client|setname', 'cluster|slots', 'cluster|shards', 'cluster|info']
const scripting = ['eval', 'evalsha', 'script|load', 'script|exists', 'multi', 'exec', 'discard']
const messages = ['publish', 'subscribe', 'unsubscribe']
const hashes = ['hget', 'hmget', 'hgetall', 'hvals', 'hkeys', 'hlen', 'hexists', 'hset', 'hdel']
const sortedSets = ['zadd', 'zcard', 'zrange', 'zrangebyscore', 'zrank', 'zrem', 'zremrangebyscore', 'zscore']
const others = ['get', 'set', 'del', 'incr', 'pexpire', 'sadd', 'smembers', 'lrange', 'rpush', 'ltrim']
const commands = [...connecting, ...scripting, ...messages, ...hashes, ...sortedSets, ...others].map((name) => `+${name}`)

/** Rules of the user of a process, as a line of an ACL file and as the arguments of ACL SETUSER (Redis 7). Of the password it has the hash only. */
function accessRules(process: ProcessKind, prefix: string, password: string): string {
  const secret = `#${createHash('sha256').update(password).digest('hex')}`
  // These characters of a prefix would be a pattern.
  const all = prefix.replaceAll(/[*?[\]\\]/g, '\\$&')
  const rules = process === 'gameserver' ? gameServerRules(all) : [`~${all}*`, `&${all}*`, ...commands]
  return ['user', roles[process], 'reset', 'on', secret, ...rules].join(' ')
}

/**
 * A game server takes move orders out of mailboxes and puts none in, reports servers and reads no reports, and does not listen to the events of the crowd. All
 * game servers share one user, so that one of them can read the orders to another; their tickets are sealed (`service/keys/sealedTickets.ts`).
 */
function gameServerRules(prefix: string): string[] {
  const keys = new Keys(prefix)
  const own = [keys.map('*').slice(0, -1), keys.presence, keys.maps, keys.probe, keys.chatHistory('*')]
  const channels = [keys.copyChannel, keys.serverChannel('*'), keys.chat('*')]
  const besides = [`(+hvals +hdel +del ~${keys.moves('*')})`, `(+hset +hdel ~${keys.servers})`, `(+publish &${keys.censusChannel})`]
  return [...own.map((pattern) => `~${pattern}`), ...channels.map((pattern) => `&${pattern}`), ...commands, ...besides]
}

/** One line for each kind of process. */
export function accessFile(prefix: string, passwords: Record<ProcessKind, string>): string {
  return (['gameserver', 'matchmaker', 'orchestrator'] as const).map((process) => `${accessRules(process, prefix, passwords[process])}\n`).join('')
}
