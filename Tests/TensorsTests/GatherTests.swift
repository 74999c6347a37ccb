import Foundation
import Tensors
import Testing

/// Gathering, scattering and sorting against the obvious loops.
@Suite struct GatherTests {
  @Test(arguments: [(0, 3), (1, 1), (7, 5), (50, 16), (3000, 60)]) func rows(count: Int, width: Int) {
    let extent = 11
    let source = (0..<extent * width).map { Double($0) }
    let indices = (0..<count).map { Int32(($0 * 7 + $0 / 5) % extent) }
    var gathered = [Double](repeating: -1, count: count * width)
    Gather.rows(source, rows: extent, indices, count: count, width: width, &gathered)
    #expect(gathered == indices.flatMap { source[Int($0) * width..<(Int($0) + 1) * width] })

    // Numbers whose sum depends on the order.
    let x = Tensor<Float>.normal([count * width], key: Key(seed: 1)).scalars
    var (sums, expected) = ([Float](repeating: 1, count: extent * width), [Float](repeating: 1, count: extent * width))
    ScatterAdd.rows(x, indices, count: count, rows: extent, width: width, &sums)
    for i in 0..<count * width { expected[Int(indices[i / width]) * width + i % width] += x[i] }
    #expect(sums == expected)
  }

  @Test(arguments: [(2, 5, 3, 4), (3, 4, 1, 6), (40, 9, 60, 80)])
  func alongAxis(outer: Int, extent: Int, inner: Int, count: Int) {
    let source = (0..<outer * extent * inner).map { Float($0) }
    let indices = (0..<outer * count * inner).map { Int32(($0 * 13 + $0 / 7) % extent) }
    func place(_ i: Int) -> Int { (i / (count * inner) * extent + Int(indices[i])) * inner + i % inner }
    var taken = [Float](repeating: -1, count: indices.count)
    Gather.takeAlongAxis(source, outer: outer, extent: extent, inner: inner, indices, count: count, &taken)
    #expect(taken == indices.indices.map { source[place($0)] })

    let x = Tensor<Float>.normal([indices.count], key: Key(seed: 1)).scalars
    var (sums, expected) = ([Float](repeating: 1, count: source.count), [Float](repeating: 1, count: source.count))
    ScatterAdd.alongAxis(x, outer: outer, extent: extent, inner: inner, indices, count: count, &sums)
    for i in x.indices { expected[place(i)] += x[i] }
    #expect(sums == expected)
  }

  @Test func badIndexStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var y: [Float] = [0]
      Gather.rows([1, 2, 3], rows: 3, [3], count: 1, width: 1, &y)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("index 3 on an axis of extent 3"))
  }

  @Test(arguments: [0, 1, 2, 15, 16, 17, 31, 100, 1000, 4097]) func sorting(count: Int) {
    // Many ties, zeros of both signs, infinities and NaN.
    let x = (0..<count).map { i -> Double in
      switch (i * 7919) % 101 {
      case 0: .nan
      case 1: -.infinity
      case 2: .infinity
      case 3: -0.0
      case let k: Double((k * 31) % 40 - 4)
      }
    }
    func order(_ precedes: (Double, Double) -> Bool) -> [Int32] {
      // Ties by place: what a stable sort gives.
      x.indices.sorted { a, b in
        if precedes(x[a], x[b]) || (!x[a].isNaN && x[b].isNaN) { return true }
        if precedes(x[b], x[a]) || (x[a].isNaN && !x[b].isNaN) { return false }
        return a < b
      }.map { Int32($0) }
    }
    var (indices, scratch) = ([Int32](repeating: -1, count: count), [Int32](repeating: -1, count: count))
    Sorting.argsort(x, count, &indices, scratch: &scratch)
    #expect(indices == order(<))
    let floats = x.map { Float($0) }
    Sorting.argsort(floats, count, &indices, scratch: &scratch)
    #expect(indices == order(<))
    for k in Set([0, 1, 5, count / 2, count]) where k <= count {
      var top = [Int32](repeating: -1, count: k)
      Sorting.top(k, of: x, count, &top)
      #expect(top == Array(order(>).prefix(k)))
    }
  }
}
