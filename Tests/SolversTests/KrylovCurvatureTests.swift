import Solvers
import Tensors
import Testing

@Suite struct KrylovCurvatureTests {
  let key = Key(seed: 4)

  /// In a space as large as the whole one the step is that of the eigenvalues of the matrix.
  @Test func wholeSpaceGivesTheStepOfTheMatrix() {
    let values = [-2.0, -0.5, 0.1, 0.7, 1.5, 3]
    let h = symmetric(values, key)
    let g = Tensor<Double>.normal([6], key: key.named("g"))
    let (w, q) = h.eigh()
    let expected = -matmul(q, matmul(q, g, transposeA: true) / (w.abs() + 0.01))
    let step = KrylovCurvature({ matmul(h, $0) }, gradient: g, steps: 6).saddleFreeStep(g, damping: 0.01)
    #expect((step - expected).norm().scalar < 1e-11 * expected.norm().scalar)
  }

  /// Two dimensions from the gradient and one from the step before: V H V^T of the space, written out.
  @Test func previousStepWidensTheSpace() {
    let h = symmetric([-2.0, -0.5, 0.1, 0.7, 1.5, 3, 4], key)
    let (g, previous) = (Tensor<Double>.normal([7], key: key.named("g")), Tensor<Double>.normal([7], key: key.named("p")))
    let curvature = KrylovCurvature({ matmul(h, $0) }, gradient: g, previous: previous, steps: 2)
    let space = qr(Tensor.stack([g, matmul(h, g), previous], axis: 1)).q
    let (w, q) = matmul(matmul(space, h, transposeA: true), space).eigh()
    #expect((curvature.values - w).norm().scalar < 1e-12)
    let expected = -matmul(space, matmul(q, matmul(q, matmul(space, g, transposeA: true), transposeA: true) / (w.abs() + 0.1)))
    #expect((curvature.saddleFreeStep(g, damping: 0.1) - expected).norm().scalar < 1e-12)
    // A step within the space adds nothing.
    #expect(KrylovCurvature({ matmul(h, $0) }, gradient: g, previous: 2 * g, steps: 2).values.count == 2)
  }
}
