import Tensors

/// Squared 2-Wasserstein distances of samples on the line: the mean squared difference of the sorted samples, which lie along the last axis
/// and have equal size; axes before it are a batch. It can be differentiated.
public func squaredWasserstein2<Scalar: RealScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
  guard x.rank > 0, x.shape.last == y.shape.last else {
    fatalError("squaredWasserstein2: samples of shapes \(x.shape) and \(y.shape); their sizes must be equal")
  }
  return (x.sorted() - y.sorted()).square().mean(-1)
}

/// The squared 2-Wasserstein distance of two sets of points, [n, d] each, projected on each of the directions, [L, d]: [L]. Its mean over
/// directions from the sphere, `Tensor.unitVectors`, is the squared sliced Wasserstein distance.
public func slicedSquaredWasserstein2<Scalar: RealScalar>(
  _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, directions: Tensor<Scalar>
) -> Tensor<Scalar> {
  squaredWasserstein2(matmul(directions, x, transposeB: true), matmul(directions, y, transposeB: true))
}
