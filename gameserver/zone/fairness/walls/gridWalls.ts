import type { Point, Walls } from './walls.ts'

export interface Grid {
  /** Lowest x and y, in metres. */
  readonly left: number
  readonly top: number
  /** Side of a cell, in metres. */
  readonly cellM: number
  readonly columns: number
  readonly rows: number
  /** One byte for each cell, row by row from the top; other than 0: blocked. Outside the grid everything is blocked. */
  readonly blocked: Uint8Array
}

/** Collision with a grid of blocked cells: the walk over the cells of a line by Amanatides and Woo, "A Fast Voxel Traversal Algorithm" (1987). */
export class GridWalls implements Walls {
  readonly #grid: Grid

  constructor(grid: Grid) {
    if (grid.blocked.length !== grid.columns * grid.rows)
      throw new RangeError(`the grid has ${grid.blocked.length} cells, and ${grid.columns} × ${grid.rows} are declared`)
    this.#grid = grid
  }

  /** Reads a map from text: one line for each row, `#` for a blocked cell. All lines have the same length. */
  static fromText(lines: readonly string[], { left, top, cellM }: Pick<Grid, 'left' | 'top' | 'cellM'>): GridWalls {
    const columns = lines[0]?.length ?? 0
    const cells = lines.join('')
    const blocked = Uint8Array.from(cells, (cell) => (cell === '#' ? 1 : 0))
    return new GridWalls({ left, top, cellM, columns, rows: lines.length, blocked })
  }

  isBlocked({ x, y }: Point): boolean {
    const { left, top, cellM } = this.#grid
    return this.#isBlocked(Math.floor((x - left) / cellM), Math.floor((y - top) / cellM))
  }

  #isBlocked(column: number, row: number): boolean {
    const { columns, rows, blocked } = this.#grid
    return column < 0 || row < 0 || column >= columns || row >= rows || blocked[row * columns + column] !== 0
  }

  /** A body that is inside a wall, because the map changed, may leave it. */
  clearPart(from: Point, to: Point): number {
    const { left, top, cellM } = this.#grid
    const [fromX, fromY, toX, toY] = [(from.x - left) / cellM, (from.y - top) / cellM, (to.x - left) / cellM, (to.y - top) / cellM]
    let [column, row] = [Math.floor(fromX), Math.floor(fromY)]
    const [stepX, stepY] = [Math.sign(toX - fromX), Math.sign(toY - fromY)]
    const [everyX, everyY] = [Math.abs(1 / (toX - fromX)), Math.abs(1 / (toY - fromY))]
    // Part of the way at which the line enters the next column and the next row.
    let nextX = stepX === 0 ? Number.POSITIVE_INFINITY : (stepX > 0 ? column + 1 - fromX : fromX - column) * everyX
    let nextY = stepY === 0 ? Number.POSITIVE_INFINITY : (stepY > 0 ? row + 1 - fromY : fromY - row) * everyY
    let inside = this.#isBlocked(column, row)
    for (;;) {
      const part = Math.min(nextX, nextY)
      if (!(part <= 1)) return inside ? 0 : 1
      if (nextX <= nextY) {
        column += stepX
        nextX += everyX
      } else {
        row += stepY
        nextY += everyY
      }
      const blocked = this.#isBlocked(column, row)
      if (blocked && !inside) return part
      inside = blocked
    }
  }
}
