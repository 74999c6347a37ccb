import ComplexModule
import Foundation
import Networks
import Tensors
import Testing
import Transforms

@Suite struct StateSpaceTests {
  let key = Key(seed: 31)

  @Test func hippoIsTheTextbookMatrix() {
    let (r3, r5, r15) = (3.0.squareRoot(), 5.0.squareRoot(), 15.0.squareRoot())
    let expected = Tensor(shape: [3, 3], [-1, 0, 0, -r3, -2, 0, -r5, -r15, -3])
    #expect((HiPPO.matrix(3) - expected).abs().max().scalar < 1e-15)
    #expect((HiPPO.input(3) - Tensor([1, r3, r5])).abs().max().scalar < 1e-15)
    let skew = HiPPO.normalPart(6) + 0.5 * .identity(6)
    #expect((skew + skew.transposed()).abs().max().scalar == 0)
  }

  /// x' = -x + u with the step function for input: 1 - e^-t, exactly for held inputs.
  @Test func heldInputsAreExact() {
    let one = Tensor<Complex<Double>>([1])
    let system = DiagonalStateSpace(eigenvalues: -1 * one, input: one, output: one)
    let expected = (1...50).map { 1 - exp(-0.1 * Double($0)) }
    let ones = [Double](repeating: 1, count: 50)
    #expect(zip(system.recurrence(ones, step: 0.1), expected).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect((system(Tensor(ones), step: 0.1) - Tensor(expected)).abs().max().scalar < 1e-13)
    // The bilinear rule: factor (1 - h/2) / (1 + h/2), first output h / (1 + h/2).
    let kernel = system.kernel(3, step: 0.1, .bilinear).scalars
    let (factor, first) = (0.95 / 1.05, 0.1 / 1.05)
    #expect(zip(kernel, [first, first * factor, first * factor * factor]).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  private func system(_ n: Int) throws -> (DiagonalStateSpace<Double>, Tensor<Double>, Tensor<Double>) {
    // Diagonally dominant: eigenvectors of small condition.
    let a = 0.3 * Tensor<Double>.normal([n, n], key: key.named("a")) - Tensor((1...n).map(Double.init)).diagonalMatrix()
    let (values, vectors) = try eigen(a)
    let c = Tensor<Double>.normal([2, n], key: key.named("c"))
    return (try DiagonalStateSpace(eigenvalues: values, vectors: vectors, input: .ones([n]), output: c), a, c)
  }

  @Test func transferIsThatOfTheMatrix() throws {
    let (system, a, c) = try system(5)
    let transfer = system.transfer(at: Tensor([0.3, 20]))
    for (i, omega) in [0.3, 20].enumerated() {
      let state = complex(-1 * a, omega * .identity(5)).solve(complex(Tensor<Double>.ones([5])))
      let expected = matmul(complex(c), state)
      #expect((transfer.slice(All(), i) - expected).magnitude().max().scalar < 1e-13)
    }
  }

  @Test(arguments: [Discretization.zeroOrderHold, .bilinear]) func convolutionIsTheRecurrence(method: Discretization) throws {
    let (both, _, _) = try system(4)
    let single = DiagonalStateSpace(eigenvalues: both.eigenvalues, input: both.input, output: both.output.row(1))
    let u = Tensor<Double>.normal([37], key: key.named("u"))
    let expected = Tensor(single.recurrence(u.scalars, step: 0.2, method))
    #expect((single(u, step: 0.2, method) - expected).abs().max().scalar < 1e-13)
    #expect((both.kernel(37, step: 0.2, method).row(1) - single.kernel(37, step: 0.2, method)).abs().max().scalar < 1e-15)
  }

  /// Central differences of step 1e-5 err by 1e-10 times third derivatives.
  @Test(arguments: [Discretization.zeroOrderHold, .bilinear]) func kernelHasDerivatives(method: Discretization) {
    let parts = Tensor<Double>.normal([3, 2, 4], key: key.named("parts"))
    func loss(_ parts: Tensor<Double>) -> Tensor<Double> {
      let numbers = (0..<3).map { complex(parts.row($0).row(0), parts.row($0).row(1)) }
      let system = DiagonalStateSpace(eigenvalues: numbers[0] - 2, input: numbers[1], output: numbers[2])
      return system.kernel(9, step: 0.3, method).square().sum()
    }
    let direction = Tensor<Double>.normal(parts.shape, key: key.named("direction"))
    let difference = (loss(parts + 1e-5 * direction) - loss(parts - 1e-5 * direction)).scalar / 2e-5
    let slope = grad(loss)(parts).dot(direction).scalar
    #expect(abs(slope - difference) < 1e-7 * (1 + abs(slope)))
  }
}
