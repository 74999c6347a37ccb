import EdgeOfStability
import Foundation
import Tensors
import Testing
import Transforms

/// Against References/trace_stability.py: gradients by hand, and the second-moment map as a matrix on the whole parameter space.
@Suite struct TraceStabilityTests {
  private let numbers = Tensor<Double>((0..<40).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) })
  private var x: Tensor<Double> { numbers.slice(0..<6).reshaped(1, 3, 2) }
  private var y: Tensor<Double> { numbers.slice(6..<9).reshaped(1, 3) }

  @Test func diagonalNet() {
    let start = DiagonalNet(a: numbers.slice(10..<12).reshaped(1, 1, 2), b: numbers.slice(12..<14).reshaped(1, 1, 2))
    check(
      start, sgd: [-0.14306678939420073, -0.8895240825978148, -0.3297075575695209, 0.9219966908576461],
      gd: [-0.1296481368778182, -0.8449538180361188, -0.32885291391568633, 0.8807992192696785],
      loss: 0.11538377299625517, proxy: 1.6147070976666171, trace: 0.745085015496159, top: 0.6783725926935662,
      growth: 0.9605279630764334)
  }

  @Test func reluNet() {
    let start = ReLUNet(w: numbers.slice(14..<22).reshaped(1, 1, 4, 2), a: numbers.slice(22..<26).reshaped(1, 1, 4))
    check(
      start,
      sgd: [
        -0.8911193713203918, 0.6991735717238534, -0.41837520282782487, -0.86275656757469, -0.03346549475850913,
        0.4617549150668421,
        0.3943029833958629, -0.32651928495101323, -0.628852691828686, 0.4675507109266505, 0.12592846320649728, -0.139959565878088,
      ],
      gd: [
        -0.852628498275844, 0.7578399620502699, -0.4652500831097388, -0.8409830257190083, -0.012576515790885472,
        0.48903666934681433, 0.3935262829532521, -0.3272075909993639, -0.6134807848770917, 0.47153066250261905,
        0.13146204120433638, -0.1433411467266414,
      ],
      loss: 0.19358380743296147, proxy: 1.9996536063318235, trace: 1.0715543452844811, top: 0.948339800547027,
      growth: 0.9726475993146673)
  }

  private func check<Model: ScalarModel>(
    _ start: Model, sgd: [Double], gd: [Double], loss: Double, proxy: Double, trace: Double, top: Double, growth: Double
  ) {
    let problem = LeastSquaresRuns<Model>(x: x, y: y)
    let rates = Tensor<Double>(shape: [1, 1], [0.3])
    let sampled = [2, 0, 1, 1].reduce(start) { problem.sampled($0, examples: Tensor<Int32>([$1]), rates: rates) }
    expect(sampled.raveled(), sgd)
    let descended = (0..<3).reduce(start) { models, _ in problem.descended(models, rates: rates) }
    expect(descended.raveled(), gd)
    expect(problem.losses(descended), [loss])
    expect(problem.normProxies(descended), [proxy])
    let curvature = problem.curvature(descended, rates: Tensor([0.3]), iterations: 60)
    expect(curvature.trace, [trace])
    expect(curvature.sharpness, [top])
    expect(curvature.growth, [growth])
  }

  private func expect(_ values: Tensor<Double>, _ reference: [Double]) {
    #expect(values.count == reference.count)
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(value - expected) < 1e-12) }
  }
}
