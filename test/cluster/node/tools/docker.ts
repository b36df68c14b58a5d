import { buildStrata } from '../../../image/strataImage.ts'
import { builtName, loadIntoNodes } from './image.ts'

/**
 * Runs the commands of Docker that the pages have, by buildah: `docker build -t NAME .`, from the checkout's Dockerfile on base images that need no registry, and
 * `docker push NAME`, which copies the image to the nodes, because there is no registry that they could pull it from.
 */
const [command, ...args] = process.argv.slice(2)
const [first = '', name = '', context] = args
if (command === 'build' && first === '-t' && context === '.' && args.length === 3)
  process.stdout.write(`built ${await buildStrata(builtName(name))} by buildah\n`)
else if (command === 'push' && args.length === 1) {
  await loadIntoNodes(first)
  process.stdout.write(`copied ${first} to the nodes\n`)
} else throw new Error(`this test runs no other commands of docker than "build -t NAME ." and "push NAME": ${process.argv.slice(2).join(' ')}`)
