import Tensors

/// A group of elementwise operations as one pass: tile by tile, all operations on a tile before the next, so that what lies between
/// them stays in the first-level cache.
///
/// Operands from outside are read where they are, repeated ones by strides of 0. Intermediate results that nobody else needs live in
/// buffers of one tile; the others are written to memory once and read again from the cache.
struct FusedLoop {
  /// Where an operation finds an operand or leaves its result.
  enum Place {
    /// Buffer `index` of the tile.
    case buffer(Int)
    /// Memory number `index` of the step's inputs or outputs.
    case input(Int), output(Int)
  }

  struct Operation {
    var loop: ElementLoop
    var operands: [(place: Place, size: Int)]
    var result: (place: Place, size: Int)
  }

  /// Elements of a tile: buffers of 4 or 8 KiB.
  static let tile = 1024

  /// Joined axes of the loop, outermost first.
  private(set) var extents: [Int]
  /// For each input its strides along the joined axes, in bytes.
  private(set) var strides: [[Int]]
  private let operations: [Operation]
  private let bufferCount: Int
  private let elementSize: Int

  /// - Parameters:
  ///   - shape: of the loop.
  ///   - inputs: element size and strides (0 where repeated) of every memory that is read.
  init(shape: [Int], inputs: [(size: Int, strides: [Int])], operations: [Operation], bufferCount: Int) {
    self.operations = operations
    self.bufferCount = bufferCount
    elementSize = operations.map(\.result.size).max() ?? 1
    // Neighbouring axes along which every input walks on without a gap are one.
    extents = []
    strides = inputs.map { _ in [] }
    for axis in shape.indices where shape[axis] != 1 {
      let joins = !extents.isEmpty && inputs.indices.allSatisfy {
        strides[$0][extents.count - 1] == inputs[$0].strides[axis] * inputs[$0].size * shape[axis]
      }
      if joins {
        extents[extents.count - 1] *= shape[axis]
        for i in inputs.indices { strides[i][extents.count - 1] = inputs[i].strides[axis] * inputs[i].size }
      } else {
        extents.append(shape[axis])
        for i in inputs.indices { strides[i].append(inputs[i].strides[axis] * inputs[i].size) }
      }
    }
    if extents.isEmpty {
      extents = [1]
      for i in inputs.indices { strides[i] = [0] }
    }
  }

  /// The loop, prepared. Its bits do not depend on the number of threads, since every element is computed by itself.
  func kernel() -> Kernel {
    let runner = Runner(self)
    return Kernel(scratch: runner.scratch) { inputs, outputs, scratch in runner.run(inputs, outputs, scratch) }
  }

  /// The loop with everything computed that can be, in memory of its own: nothing is allocated and no array checked while it runs.
  private final class Runner: @unchecked Sendable {
    // Unchecked because nothing changes after `init`.
    struct Step {
      var loop: ElementLoop
      var operands: Range<Int>
      var result: Access
      /// Rows of the tile follow each other without a gap in every operand, or are all one number: one call does the tile.
      var isFlat: Bool
    }

    /// How one operand moves: base, bytes per row of the tile and per element (0 or its size).
    struct Access {
      var place: Place
      var size: Int
      var rowStride = 0
      var columnStep = 1
    }

    let steps: UnsafeMutableBufferPointer<Step>
    let accesses: UnsafeMutableBufferPointer<Access>
    let outerExtents: [Int]
    let rows, columns, rowsPerTile, columnsPerTile, tilesPerRow, tileRows, tiles: Int
    let chunks: Int
    let bufferBytes, bufferCount: Int
    let inputStrides: UnsafeMutableBufferPointer<Int>
    let axisCount: Int
    let outputRowBytes: Int
    var scratch: Int { chunks * bufferCount * bufferBytes }

    init(_ loop: FusedLoop) {
      let axes = loop.extents.count
      columns = loop.extents[axes - 1]
      rows = axes > 1 ? loop.extents[axes - 2] : 1
      outerExtents = Array(loop.extents.dropLast(2))
      columnsPerTile = Swift.min(columns, FusedLoop.tile)
      rowsPerTile = columns * 2 > FusedLoop.tile ? 1 : Swift.max(1, Swift.min(rows, FusedLoop.tile / Swift.max(1, columns)))
      tilesPerRow = columnsPerTile == 0 ? 0 : (columns + columnsPerTile - 1) / columnsPerTile
      tileRows = (rows + rowsPerTile - 1) / rowsPerTile
      tiles = outerExtents.reduce(1, *) * tileRows * tilesPerRow
      // Work for less than some ten microseconds stays on one thread.
      let work = loop.extents.reduce(1, *) * loop.operations.count
      chunks = work < 1 << 16 ? 1 : Swift.max(1, Swift.min(tiles, 2 * Threads.count))
      bufferCount = loop.bufferCount
      bufferBytes = FusedLoop.tile * loop.elementSize
      axisCount = axes
      outputRowBytes = columns

      inputStrides = .allocate(capacity: Swift.max(1, loop.strides.count * axes))
      for (i, strides) in loop.strides.enumerated() {
        for (axis, stride) in strides.enumerated() { inputStrides.initializeElement(at: i * axes + axis, to: stride) }
      }
      var accesses: [Access] = []
      var steps: [Step] = []
      let (columns, rows) = (columns, rows)
      func access(_ place: Place, _ size: Int) -> Access {
        guard case .input(let i) = place else { return Access(place: place, size: size, rowStride: columns * size, columnStep: 1) }
        return Access(
          place: place, size: size, rowStride: axes > 1 ? loop.strides[i][axes - 2] : columns * size,
          columnStep: loop.strides[i][axes - 1] == 0 ? 0 : 1)
      }
      for operation in loop.operations {
        let first = accesses.count
        accesses += operation.operands.map { access($0.place, $0.size) }
        let isFlat = accesses[first...].allSatisfy { access in
          guard case .input = access.place else { return true }
          return rows == 1 || (access.columnStep == 1 ? access.rowStride == columns * access.size : access.rowStride == 0)
        }
        steps.append(
          Step(loop: operation.loop, operands: first..<accesses.count, result: access(operation.result.place, operation.result.size), isFlat: isFlat))
      }
      self.accesses = .allocate(capacity: Swift.max(1, accesses.count))
      _ = self.accesses.initialize(from: accesses)
      self.steps = .allocate(capacity: steps.count)
      _ = self.steps.initialize(from: steps)
    }

    deinit {
      steps.deinitialize()
      steps.deallocate()
      accesses.deallocate()
      inputStrides.deallocate()
    }

    func run(_ inputs: Kernel.Pointers, _ outputs: Kernel.Pointers, _ scratch: UnsafeMutableRawPointer) {
      if chunks == 1 { return run(0..<tiles, inputs, outputs, scratch) }
      let memory = Memory(inputs: inputs, outputs: outputs, scratch: scratch)
      Threads.forEach(chunks) { chunk in
        self.run(
          self.tiles * chunk / self.chunks..<self.tiles * (chunk + 1) / self.chunks, memory.inputs, memory.outputs,
          memory.scratch + chunk * self.bufferCount * self.bufferBytes)
      }
    }

    private struct Memory: @unchecked Sendable {
      let inputs, outputs: Kernel.Pointers
      let scratch: UnsafeMutableRawPointer
    }

    private func run(
      _ range: Range<Int>, _ inputs: Kernel.Pointers, _ outputs: Kernel.Pointers, _ buffers: UnsafeMutableRawPointer
    ) {
      withUnsafeTemporaryAllocation(of: Operand.self, capacity: 4) { operands in
        guard let operands = operands.baseAddress else { return }
        for tile in range { run(tile, inputs, outputs, buffers, operands) }
      }
    }

    private func run(
      _ tile: Int, _ inputs: Kernel.Pointers, _ outputs: Kernel.Pointers, _ buffers: UnsafeMutableRawPointer,
      _ operands: UnsafeMutablePointer<Operand>
    ) {
      let (outer, inner) = tile.quotientAndRemainder(dividingBy: tileRows * tilesPerRow)
      let (tileRow, tileColumn) = inner.quotientAndRemainder(dividingBy: tilesPerRow)
      let (row, column) = (tileRow * rowsPerTile, tileColumn * columnsPerTile)
      let (height, width) = (Swift.min(rowsPerTile, rows - row), Swift.min(columnsPerTile, columns - column))
      let element = (outer * rows + row) * columns + column

      for s in 0..<steps.count {
        let step = steps.baseAddress.unsafelyUnwrapped + s
        let first = step.pointee.operands.lowerBound
        let count = step.pointee.operands.count
        for i in 0..<count {
          let access = accesses.baseAddress.unsafelyUnwrapped + (first + i)
          operands[i] = Operand(
            start(access, outer, row, column, element, inputs, outputs, buffers), step: access.pointee.columnStep)
        }
        var result = start(&step.pointee.result, outer, row, column, element, inputs, outputs, buffers)
        if height == 1 || step.pointee.isFlat {
          step.pointee.loop(operands, result, height * width)
          continue
        }
        for _ in 0..<height {
          step.pointee.loop(operands, result, width)
          for i in 0..<count { operands[i].pointer += (accesses.baseAddress.unsafelyUnwrapped + (first + i)).pointee.rowStride }
          result += step.pointee.result.rowStride
        }
      }
    }

    /// Where a tile begins.
    @inline(__always)
    private func start(
      _ access: UnsafeMutablePointer<Access>, _ outer: Int, _ row: Int, _ column: Int, _ element: Int, _ inputs: Kernel.Pointers,
      _ outputs: Kernel.Pointers, _ buffers: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
      switch access.pointee.place {
      case .buffer(let i): return buffers + i * bufferBytes
      case .output(let i): return outputs[i] + element * access.pointee.size
      case .input(let i):
        var offset = 0
        let strides = inputStrides.baseAddress.unsafelyUnwrapped + i * axisCount
        var rest = outer
        for axis in stride(from: outerExtents.count - 1, through: 0, by: -1) {
          let (quotient, index) = rest.quotientAndRemainder(dividingBy: outerExtents[axis])
          offset += index * strides[axis]
          rest = quotient
        }
        if axisCount > 1 { offset += row * strides[axisCount - 2] }
        offset += column * strides[axisCount - 1]
        return inputs[i] + offset
      }
    }
  }
}
