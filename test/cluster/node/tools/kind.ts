import { fullName, loadIntoNodes } from './image.ts'

/** Runs `kind load docker-image NAME --name CLUSTER` for the nodes of the tests, which no kind has made. */
const [load, what, name = '', flag, cluster] = process.argv.slice(2)
if (load !== 'load' || what !== 'docker-image' || flag !== '--name' || cluster !== 'strata')
  throw new Error(`this test runs no other command of kind than "load docker-image NAME --name strata": ${process.argv.slice(2).join(' ')}`)
await loadIntoNodes(name)
process.stdout.write(`loaded ${fullName(name)} into the nodes\n`)
