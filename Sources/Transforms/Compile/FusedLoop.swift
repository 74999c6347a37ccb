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

  /// Elements of a tile: buffers of 4 or 8 KiB, and four times as much where the loop walks through more memory than the second-level
  /// cache holds. Then longer runs through each operand, which the machine reads ahead of us, are worth more than the first level.
  private var tile: Int {
    let outputs = operations.reduce(0) { sum, operation in
      if case .output = operation.result.place { sum + operation.result.size } else { sum }
    }
    let inputs = zip(inputSizes, strides).reduce(0) { sum, input in sum + (input.1.contains { $0 != 0 } ? input.0 : 0) }
    return extents.reduce(1, *) * (inputs + outputs) > 1 << 20 ? 4096 : 1024
  }

  /// Joined axes of the loop, outermost first.
  private(set) var extents: [Int]
  /// For each input its strides along the joined axes, in bytes.
  private(set) var strides: [[Int]]
  private let inputSizes: [Int]
  private let operations: [Operation]
  private let bufferCount: Int
  private let elementSize: Int

  /// - Parameters:
  ///   - shape: of the loop.
  ///   - inputs: element size and strides (0 where repeated) of every memory that is read.
  init(shape: [Int], inputs: [(size: Int, strides: [Int])], operations: [Operation], bufferCount: Int) {
    self.operations = operations
    self.bufferCount = bufferCount
    inputSizes = inputs.map(\.size)
    elementSize = (operations.map(\.result.size) + inputs.map(\.size)).max() ?? 1
    // Neighbouring axes along which every input walks on without a gap are one.
    extents = []
    strides = inputs.map { _ in [] }
    for axis in shape.indices where shape[axis] != 1 {
      let joins =
        !extents.isEmpty
        && inputs.indices.allSatisfy {
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

  /// The loop with everything computed that can be, in memory of its own: nothing is allocated or retained and no array checked
  /// while it runs.
  private final class Runner: @unchecked Sendable {
    // Unchecked because nothing changes after `init`.

    /// One operation. A class whose fields never change, so that calling through it retains nothing.
    final class Step {
      let loop: ElementLoop
      let operands: Range<Int>
      let result: Access

      init(loop: ElementLoop, operands: Range<Int>, result: Access) {
        self.loop = loop
        self.operands = operands
        self.result = result
      }
    }

    /// An operand or result: where, bytes of an element, and 1 or 0 for one element that is repeated.
    struct Access {
      var place: Place
      var size: Int
      var step: Int
    }

    /// An input that repeats along rows or columns of the tile, written out in a buffer, so that one call does the tile.
    struct Expansion {
      var input: Int
      var buffer: Int
      var size: Int
      var rowStride: Int
      var step: Int
    }

    let steps: [Step]
    let unownedSteps: UnsafeMutablePointer<Unmanaged<Step>>
    let stepCount: Int
    let accesses: UnsafeMutablePointer<Access>
    let expansions: UnsafeMutablePointer<Expansion>
    let expansionCount: Int
    let inputStrides: UnsafeMutablePointer<Int>
    let axisCount: Int
    let outerExtents: UnsafeMutablePointer<Int>
    let outerCount: Int
    let rows, columns, rowsPerTile, columnsPerTile, tilesPerRow, tileRows, tiles: Int
    let chunks: Int
    let bufferBytes, bufferCount: Int
    var scratch: Int { chunks * bufferCount * bufferBytes }

    init(_ loop: FusedLoop) {
      let (axes, tile) = (loop.extents.count, loop.tile)
      columns = loop.extents[axes - 1]
      rows = axes > 1 ? loop.extents[axes - 2] : 1
      columnsPerTile = Swift.min(columns, tile)
      let rowsPerTile = columns * 2 > tile ? 1 : Swift.max(1, Swift.min(rows, tile / Swift.max(1, columns)))
      self.rowsPerTile = rowsPerTile
      tilesPerRow = columnsPerTile == 0 ? 0 : (columns + columnsPerTile - 1) / columnsPerTile
      tileRows = (rows + rowsPerTile - 1) / rowsPerTile
      tiles = loop.extents.dropLast(2).reduce(1, *) * tileRows * tilesPerRow
      // Work for less than some ten microseconds stays on one thread.
      let work = loop.extents.reduce(1, *) * loop.operations.count
      chunks = work < 1 << 16 ? 1 : Swift.max(1, Swift.min(tiles, 2 * Threads.count))
      axisCount = axes
      bufferBytes = tile * loop.elementSize

      // Inputs that are neither contiguous in a tile nor one number.
      var buffers = loop.bufferCount
      var expansions: [Expansion] = []
      var bufferOfInput: [Int: Int] = [:]
      for (input, strides) in loop.strides.enumerated() where rowsPerTile > 1 {
        let size = loop.inputSizes[input]
        let step = strides[axes - 1] == 0 ? 0 : 1
        let rowStride = strides[axes - 2]
        if step == 1 ? rowStride == columns * size : rowStride == 0 { continue }
        bufferOfInput[input] = buffers
        expansions.append(Expansion(input: input, buffer: buffers, size: size, rowStride: rowStride, step: step))
        buffers += 1
      }
      bufferCount = buffers

      var accesses: [Access] = []
      func access(_ place: Place, _ size: Int) -> Access {
        guard case .input(let i) = place else { return Access(place: place, size: size, step: 1) }
        if let buffer = bufferOfInput[i] { return Access(place: .buffer(buffer), size: size, step: 1) }
        return Access(place: place, size: size, step: loop.strides[i][axes - 1] == 0 ? 0 : 1)
      }
      steps = loop.operations.map { operation in
        let first = accesses.count
        accesses += operation.operands.map { access($0.place, $0.size) }
        return Step(
          loop: operation.loop, operands: first..<accesses.count, result: access(operation.result.place, operation.result.size))
      }
      stepCount = steps.count
      unownedSteps = Self.copy(steps.map(Unmanaged.passUnretained))
      self.accesses = Self.copy(accesses)
      self.expansions = Self.copy(expansions)
      expansionCount = expansions.count
      inputStrides = Self.copy(loop.strides.flatMap { $0 })
      outerExtents = Self.copy(Array(loop.extents.dropLast(2)))
      outerCount = Swift.max(0, axes - 2)
    }

    private static func copy<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
      let memory = UnsafeMutablePointer<Element>.allocate(capacity: Swift.max(1, elements.count))
      memory.initialize(from: elements, count: elements.count)
      return memory
    }

    deinit {
      unownedSteps.deallocate()
      accesses.deallocate()
      expansions.deallocate()
      inputStrides.deallocate()
      outerExtents.deallocate()
    }

    func run(_ inputs: Kernel.Pointers, _ outputs: Kernel.Pointers, _ scratch: UnsafeMutableRawPointer) {
      if chunks == 1 { return run(0..<tiles, Memory(inputs: inputs, outputs: outputs, buffers: scratch)) }
      let memory = Memory(inputs: inputs, outputs: outputs, buffers: scratch)
      Threads.forEach(chunks) { chunk in
        var own = memory
        own.buffers += chunk * self.bufferCount * self.bufferBytes
        self.run(self.tiles * chunk / self.chunks..<self.tiles * (chunk + 1) / self.chunks, own)
      }
    }

    private struct Memory: @unchecked Sendable {
      let inputs, outputs: Kernel.Pointers
      var buffers: UnsafeMutableRawPointer
    }

    private func run(_ range: Range<Int>, _ memory: Memory) {
      withUnsafeTemporaryAllocation(of: Operand.self, capacity: 4) { operands in
        withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: 32) { expanded in
          expanded.initialize(repeating: nil)
          for tile in range {
            run(tile, memory, operands.baseAddress.unsafelyUnwrapped, expanded.baseAddress.unsafelyUnwrapped)
          }
        }
      }
    }

    private func run(
      _ tile: Int, _ memory: Memory, _ operands: UnsafeMutablePointer<Operand>,
      _ expanded: UnsafeMutablePointer<UnsafeRawPointer?>
    ) {
      let (outer, inner) = tile.quotientAndRemainder(dividingBy: tileRows * tilesPerRow)
      let (tileRow, tileColumn) = inner.quotientAndRemainder(dividingBy: tilesPerRow)
      let (row, column) = (tileRow * rowsPerTile, tileColumn * columnsPerTile)
      let (height, width) = (Swift.min(rowsPerTile, rows - row), Swift.min(columnsPerTile, columns - column))
      let element = (outer * rows + row) * columns + column

      for e in 0..<expansionCount {
        let expansion = expansions[e]
        let source = start(ofInput: expansion.input, outer, row, column, memory)
        // The same numbers as in the last whole tile.
        if e < 32, expansion.rowStride == 0, expanded[e] == UnsafeRawPointer(source) { continue }
        expand(expansion, source, memory.buffers + expansion.buffer * bufferBytes, height, width)
        // A tile at the end of the rows fills a part of the buffer only: the next tile fills it anew.
        if e < 32 { expanded[e] = height == rowsPerTile ? UnsafeRawPointer(source) : nil }
      }
      for s in 0..<stepCount {
        unownedSteps[s]._withUnsafeGuaranteedRef { step in
          let first = step.operands.lowerBound
          for i in 0..<step.operands.count {
            let access = accesses + (first + i)
            operands[i] = Operand(start(access, outer, row, column, element, memory), step: access.pointee.step)
          }
          var result = step.result
          step.loop.run(operands, start(&result, outer, row, column, element, memory), height * width)
        }
      }
    }

    private func expand(
      _ expansion: Expansion, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ height: Int, _ width: Int
    ) {
      func fill<Word: BitwiseCopyable>(_ type: Word.Type) {
        var (x, y) = (source, target.assumingMemoryBound(to: Word.self))
        for _ in 0..<height {
          let from = x.assumingMemoryBound(to: Word.self)
          if expansion.step == 1 {
            for j in 0..<width { y[j] = from[j] }
          } else {
            let value = from.pointee
            for j in 0..<width { y[j] = value }
          }
          y += width
          x += expansion.rowStride
        }
      }
      switch expansion.size {
      case 1: fill(UInt8.self)
      case 4: fill(UInt32.self)
      case 8: fill(UInt64.self)
      default: fill(SIMD2<UInt64>.self)
      }
    }

    /// Where a tile begins.
    @inline(__always)
    private func start(
      _ access: UnsafeMutablePointer<Access>, _ outer: Int, _ row: Int, _ column: Int, _ element: Int, _ memory: Memory
    ) -> UnsafeMutableRawPointer {
      switch access.pointee.place {
      case .buffer(let i): memory.buffers + i * bufferBytes
      case .output(let i): memory.outputs[i] + element * access.pointee.size
      case .input(let i): start(ofInput: i, outer, row, column, memory)
      }
    }

    @inline(__always)
    private func start(ofInput i: Int, _ outer: Int, _ row: Int, _ column: Int, _ memory: Memory) -> UnsafeMutableRawPointer {
      let strides = inputStrides + i * axisCount
      var offset = column * strides[axisCount - 1]
      if axisCount > 1 { offset += row * strides[axisCount - 2] }
      var rest = outer
      var axis = outerCount - 1
      while axis >= 0 {
        let (quotient, index) = rest.quotientAndRemainder(dividingBy: outerExtents[axis])
        offset += index * strides[axis]
        rest = quotient
        axis -= 1
      }
      return memory.inputs[i] + offset
    }
  }
}
