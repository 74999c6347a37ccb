import Foundation
import Tensors
import Testing
import Transforms

/// Shapes, indices, sums of products, convolutions and pooling against NumPy and JAX: see References/shapes.py.
@Suite struct ShapeReferenceTests {
  struct Case: Decodable {
    let shape: [Int]
    let values: [Double]
  }

  static let cases: [String: Case] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    do {
      return try JSONDecoder().decode(
        [String: Case].self, from: Data(contentsOf: folder.appending(path: "References/shapes.json")))
    } catch {
      fatalError("\(error)")
    }
  }()

  static func wave(_ shape: [Int], _ seed: Double) -> Tensor<Double> {
    let values = (0..<shape.reduce(1, *)).map { (i: Int) -> Double in
      let x = Double(i)
      return sin(0.7 * x + seed) + 0.3 * cos(1.9 * x)
    }
    return Tensor(shape: shape, values)
  }

  /// The references have 15 digits and sums here have up to some hundred terms of order one.
  static func expect(_ value: Tensor<Double>, _ name: String, location: SourceLocation = #_sourceLocation) {
    guard let reference = cases[name] else {
      Issue.record("no reference \(name)", sourceLocation: location)
      return
    }
    #expect(value.shape == reference.shape, "\(name)", sourceLocation: location)
    guard value.shape == reference.shape else { return }
    let scale = reference.values.map(abs).max() ?? 1
    let error = zip(value.scalars, reference.values).map { abs($0 - $1) }.max() ?? 0
    #expect(error <= 1e-12 * max(1, scale), "\(name)", sourceLocation: location)
  }

  let x = Self.wave([4, 5, 6], 0)

  @Test func slices() {
    Self.expect(x.slice(1, 1..<4, Every(-2)), "slice")
    Self.expect(x.slice(Every(2), Every(3, from: 1), Every(-1, from: 5, to: 1)), "slice-strided")
    Self.expect(x.updating(1...2, All(), 2, with: Self.wave([5], 1)), "updating")
    let cleared = x.updating(1...2, All(), 2, with: 0)
    Self.expect(cleared.adding(to: 1...2, All(), 2, value: Self.wave([5], 1)), "updating")
    #expect(x.slice(-1, 2...) == x.slice(3, 2..<5) && x.slice(All(), ...3) == x.slice(All(), 0..<4))
    #expect(Tensor.concatenate(x.split(axis: 2, sizes: [1, 0, 5]), axis: 2) == x)
    #expect(Tensor.concatenate(x.split(axis: 0, into: 2).reversed()) == x.rolled(2))
    #expect(x.flipped(1).flipped(1) == x && x.flipped(1).slice(0, 0) == x.slice(0, 4))
    Self.expect(x.rolled(-8, axis: 1), "roll")
  }

  @Test func padding() {
    Self.expect(x.padded([(1, 0), (0, 2), (1, 1)], with: .constant(2.5)), "pad-constant")
    let widths = [(low: 1, high: 2), (low: 0, high: 3), (low: 2, high: 1)]
    Self.expect(x.padded(widths, with: .edge), "pad-edge")
    Self.expect(x.padded(widths, with: .reflect), "pad-reflect")
    Self.expect(x.padded(widths, with: .circular), "pad-circular")
  }

  @Test func repetition() {
    Self.expect(x.row(0).tiled(2, 3), "tile")
    Self.expect(x.row(0).repeated(3, axis: 1), "repeat")
    Self.expect(.stack([x, x * 2], axis: 2), "stack")
    #expect(x.expandingDimensions(-1).shape == [4, 5, 6, 1] && x.expandingDimensions(1).squeezed() == x)
    #expect(Tensor<Float>.arange(4, from: 1, by: 0.5).scalars == [1, 1.5, 2, 2.5])
    #expect(Tensor<Double>.linspace(0, 1, count: 5).scalars == [0, 0.25, 0.5, 0.75, 1])
  }

  @Test func geomspaceMultipliesByOneRatio() {
    let numbers = Tensor<Double>.geomspace(0.01, 1, count: 5).scalars
    #expect(numbers.first == 0.01 && numbers.last == 1)
    for (a, b) in zip(numbers, numbers.dropFirst()) { #expect(abs(b / a - 10.0.squareRoot()) < 1e-14) }
    #expect(Tensor<Float>.geomspace(8, 1, count: 4).scalars.map { ($0 * 1e5).rounded() / 1e5 } == [8, 4, 2, 1])
    #expect(Tensor<Double>.geomspace(3, 7, count: 1).scalars == [3])
  }

  @Test func indices() {
    Self.expect(x.gather(Tensor(shape: [2, 2], [0, 4, 4, 2]), axis: 1), "gather")
    Self.expect(x.argsort(axis: 1).converted(to: Double.self), "argsort")
    Self.expect(x.sorted(axis: 0, descending: true), "sort-descending")
    Self.expect(x.quantile(0.3, axis: 1), "quantile")
    Self.expect(x.median(), "median")
    Self.expect(x.cumulativeProduct(axis: 1), "cumprod")
    Self.expect((x * 30).logCumulativeSumExp(), "logcumsumexp")
    let sorted = x.flattened().slice(..<40).sorted()
    Self.expect(sorted.searchSorted(Self.wave([3, 4], 2)).converted(to: Double.self), "searchsorted")
    #expect(x.topK(2, axis: 1).values == x.sorted(axis: 1, descending: true).slice(All(), ..<2))
    let hot = Tensor<Double>.oneHot(Tensor([2, 0, 7]), classes: 3)
    #expect(hot.scalars == [0, 0, 1, 1, 0, 0, 0, 0, 0])
  }

  @Test func sumsOfProducts() {
    let (a, b, c) = (Self.wave([3, 4, 5], 0), Self.wave([3, 5, 2], 1), Self.wave([2, 4], 2))
    Self.expect(einsum("bij,bjk->bik", a, b), "einsum-batched")
    Self.expect(einsum("bij,bjk,ki->b", a, b, c), "einsum-chain")
    Self.expect(einsum("bji,bki->jbk", a, Self.wave([3, 2, 5], 1)), "einsum-transposed")
    Self.expect(einsum("iij->ji", Self.wave([3, 3, 4], 0)), "einsum-diagonal")
    Self.expect(einsum("ii", Self.wave([5, 5], 0)), "einsum-trace")
    Self.expect(outer(Self.wave([3], 0), Self.wave([2, 4], 1)), "einsum-outer")
    Self.expect(einsum("ba,cb", Self.wave([3, 4], 0), Self.wave([2, 3], 1)), "einsum-implicit")
    Self.expect(tensordot(a, Self.wave([4, 3, 2], 1), axes: ([1, 0], [0, 1])), "tensordot")
  }

  @Test func comparisonsAndChoices() {
    let (a, b) = (Tensor<Float>([1, 2, .nan, -0.0]), Tensor<Float>([2, 2, .nan, 0]))
    #expect((a .< b).scalars == [true, false, false, false] && (a .>= b).scalars == [false, true, false, true])
    #expect((a .== b).scalars == [false, true, false, true] && (a .!= b).scalars == [true, false, true, false])
    #expect((1 .< a).scalars == [false, true, false, false] && (a .> 1).scalars == [false, true, false, false])
    let (p, q) = (Tensor<Bool>([true, true, false]), Tensor<Bool>(shape: [2, 1], [true, false]))
    #expect((p .& q).scalars == [true, true, false, false, false, false] && (.!p).scalars == [false, false, true])
    #expect((p .^ q).scalars == [false, false, true, true, true, false] && (p .| q).any().scalar)
    #expect((p .== q).scalars == [true, true, false, false, false, true] && (p .!= q).all(0).scalars == [false, false, false])
    #expect((p .| q).all(1).scalars == [true, false] && (p .| q).countTrue(0).scalars == [2, 2, 1])
    #expect(Tensor.where(p, Tensor<Int32>([1, 2, 3]), 9).scalars == [1, 2, 9])
    let i = Tensor<Int32>([-7, 7, 4])
    #expect(i.floorDivided(by: 2).scalars == [-4, 3, 2] && (i % 2).scalars == [-1, 1, 0])
    #expect(i.max().scalar == 7 && i.min().scalar == -7 && i.sum().scalar == 4 && (i .> 0).countTrue().scalar == 2)
    #expect(i.converted(to: Float.self).converted(to: Bool.self).scalars == [true, true, true])
  }

  @Test(arguments: [
    ("valid", [2, 7, 8, 3], [3, 2, 3, 5], ImageExtents(1, 1), ImagePadding.valid, 1),
    ("same", [3, 6, 5, 1], [3, 3, 1, 16], ImageExtents(1, 1), .same, 1),
    ("strided", [2, 9, 7, 2], [3, 4, 2, 17], ImageExtents(2, 3), .same, 1),
    ("grouped", [2, 5, 6, 6], [2, 3, 2, 9], ImageExtents(2, 1), .explicit(top: 1, bottom: 0, left: 2, right: 1), 3),
    ("one-output", [2, 8, 8, 9], [3, 3, 9, 1], ImageExtents(1, 1), .explicit(top: 1, bottom: 1, left: 1, right: 1), 1),
    ("large-padding", [1, 4, 4, 2], [2, 2, 2, 3], ImageExtents(1, 2), .explicit(top: 3, bottom: 2, left: 2, right: 4), 1),
  ])
  func convolution(
    _ name: String, _ image: [Int], _ filter: [Int], _ stride: ImageExtents, _ padding: ImagePadding, _ groups: Int
  ) {
    let (x, f) = (Self.wave(image, 0), Self.wave(filter, 1))
    let (y, toImage) = vjp({ conv2d($0, f, stride: stride, padding: padding, groups: groups) }, at: x)
    let (_, toFilter) = vjp({ conv2d(x, $0, stride: stride, padding: padding, groups: groups) }, at: f)
    Self.expect(y, "conv-\(name)")
    Self.expect(toImage(Self.wave(y.shape, 2)), "conv-\(name)-image")
    Self.expect(toFilter(Self.wave(y.shape, 2)), "conv-\(name)-filter")
    let single = conv2d(
      x.converted(to: Float.self), f.converted(to: Float.self), stride: stride, padding: padding, groups: groups)
    // Sums of up to 81 products of order one in single precision.
    #expect((single.converted(to: Double.self) - y).abs().max().scalar < 81 * 4 * 0x1p-24)
  }

  @Test func pooling() {
    let images = Self.wave([2, 7, 6, 3], 0)
    let (y, pullback) = vjp({ $0.maxPool2D(ImageExtents(3, 2), stride: ImageExtents(2, 1), padding: .same) }, at: images)
    Self.expect(y, "pool-max")
    Self.expect(pullback(Self.wave(y.shape, 1)), "pool-max-gradient")
    let (z, back) = vjp({ $0.averagePool2D(ImageExtents(2, 3), stride: ImageExtents(2, 2)) }, at: images)
    Self.expect(z, "pool-average")
    Self.expect(back(Self.wave(z.shape, 1)), "pool-average-gradient")
  }

  /// The vectorised 2 x 2 pooling of Float has the bits of the general one of Double on numbers that both hold.
  @Test func squarePoolingMatchesTheGeneralOne() {
    var images = Tensor<Int32>.integers([3, 6, 4, 32], in: -3..<4, key: Key(seed: 1)).converted(to: Double.self)
    images = images.updating(0, 1, 1, 5, with: .nan)
    let pool = ImageExtents(2, 2)
    let gradient = Tensor<Double>.normal([3, 3, 2, 32], key: Key(seed: 2)).converted(to: Float.self).converted(to: Double.self)
    let (y, pullback) = vjp({ $0.maxPool2D(pool) }, at: images)
    let (z, single) = vjp({ $0.maxPool2D(pool) }, at: images.converted(to: Float.self))
    #expect(z == y.converted(to: Float.self) && y.slice(0, 0, 0, 5).scalar.isNaN)
    #expect(single(gradient.converted(to: Float.self)) == pullback(gradient).converted(to: Float.self))
  }

  @Test func mistakesStop() async {
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>.zeros(2, 3).slice(2) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>.zeros(2, 3).slice(0..<3) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>.zeros(2, 3).gather(Tensor([2])) }
    await #expect(processExitsWith: .failure) { _ = einsum("ij,jk->ik", Tensor<Float>.zeros(2, 3), Tensor<Float>.zeros(2, 3)) }
    await #expect(processExitsWith: .failure) {
      _ = conv2d(Tensor<Float>.zeros([1, 4, 4, 2]), Tensor<Float>.zeros([3, 3, 3, 2]))
    }
  }
}
