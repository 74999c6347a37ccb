/// A permutation of a tensor's axes: axis i of the result is axis `axes[i]` of the source. Planned once, run without allocation.
package struct Permute: Sendable {
  private let copy: StridedCopy

  /// The plan for a row-major source of this shape.
  package init(shape: [Int], axes: [Int]) {
    guard axes.sorted() == Array(shape.indices) else { fatalError("Permute: \(axes) is no permutation of the axes of \(shape)") }
    func strides(_ shape: [Int]) -> [Int] {
      var strides = shape
      var stride = 1
      for axis in shape.indices.reversed() {
        strides[axis] = stride
        stride *= shape[axis]
      }
      return strides
    }
    let (source, extents) = (strides(shape), axes.map { shape[$0] })
    copy = StridedCopy(extents: extents, sourceStrides: axes.map { source[$0] }, targetStrides: strides(extents))
  }

  /// Writes the permuted source to the target, which must not overlap it.
  package func run<Scalar: BitwiseCopyable>(_ source: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>) {
    copy.run(source, target)
  }

  /// Plan and run.
  package static func run<Scalar: BitwiseCopyable>(
    _ source: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>, shape: [Int], axes: [Int]
  ) {
    Permute(shape: shape, axes: axes).run(source, target)
  }
}
