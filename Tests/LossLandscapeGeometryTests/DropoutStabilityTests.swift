import Foundation
import LossLandscapeGeometry
import Tensors
import Testing
import Training

/// Against References/dropout_stability.py, and what holds exactly of dropout and paths.
@Suite struct DropoutStabilityTests {
  private func numbers(_ shape: [Int], _ shift: Int) -> Tensor<Double> {
    let places = (shift..<shift + shape.reduce(1, *)).map { Double($0) }
    return Tensor(shape: shape, places.map { sin(1 + $0 + 0.3 * ($0 * $0)) })
  }
  private var x: Tensor<Double> { numbers([5, 3], 0) }
  private var y: Tensor<Double> { numbers([5], 50).sign() }
  private var network: MeanFieldNetwork { MeanFieldNetwork(weights: [numbers([3, 4], 100), numbers([4, 1], 200)]) }

  private func loss(_ network: MeanFieldNetwork) -> Double { (network(x) - y).square().mean().scalar }

  private func expect(_ values: Tensor<Double>, _ known: [Double]) {
    #expect(values.count == known.count)
    for (value, known) in zip(values.scalars, known) { #expect(abs(value - known) < 1e-13) }
  }

  @Test func stepsOfTwoLayers() {
    let trained = network.stepped(x, y, rate: 0.3).stepped(x, y, rate: 0.3)
    expect(
      trained.weights[0],
      [
        -0.28621524549439786, 1.014846708987608, 0.7653269048092056, 0.6149081517372497, 0.7961392156745101, 0.9288591400176976,
        -0.05795659768222858, -0.8387070993869998, 0.9159286158292155, -0.8038448335884694, 0.5809126992769128,
        0.6688980992309227,
      ])
    expect(trained.weights[1], [-0.7606697528569465, 0.612533440447661, -0.2343163020160173, 0.4445329375357616])
    #expect(abs(loss(trained) - 1.031904699396452) < 1e-13)
    expect(
      trained.contributionVariance(x),
      [0.47889182845777595, 0.11110345767232122, 0.00019231807263305354, 0.06827618125991183, 0.1696654314343505])
  }

  /// Two networks side by side, with three layers, each on points of its own.
  @Test func stepsOfThreeLayers() {
    let deep = [numbers([3, 4], 100), 2 * numbers([4, 4], 300), numbers([4, 1], 200)]
    let pair = MeanFieldNetwork(weights: deep.map { Tensor.stack([0.5 * $0, $0]) })
    let (inputs, targets) = (Tensor.stack([-x, x]), Tensor.stack([-y, y]))
    let trained = (0..<2).reduce(pair) { network, _ in network.stepped(inputs, targets, rate: 0.3) }.gather([1])
    expect(
      trained.weights[0],
      [
        -0.24551498997024584, 0.9822682214288647, 0.8405690221704356, 0.5597502213820535, 0.7592964414877076, 0.9801109090557995,
        -0.020227147883077706, -0.8502779993264299, 0.9967344401138302, -0.9403561770458219, 0.5518011975214615,
        0.6363087491642331,
      ])
    expect(
      trained.weights[1],
      [
        1.0621017769725396, -0.6905534047168669, -1.2339726990157738, -0.7367889053472495, 1.0513580166044278, 1.7458248502831022,
        -1.6198265007274157, 0.9124761897271426, -1.1993684772704352, 1.975740041795797, -0.8035506386245261, -1.9941977960089647,
        -1.6115933340567035, -1.616837023018888, -1.999380259349288, -0.7626899427106891,
      ])
    expect(trained.weights[2], [-0.8377593062160745, 0.7927014522693645, -0.34430566420764647, 0.2953226996121399])
  }

  /// All six subsets of two neurons of four: the mean rise of the loss is the variance times 1/2 - 1/4.
  @Test func meanRiseOverAllSubsets() {
    let subsets = (0..<4).flatMap { i in (i + 1..<4).map { [i, $0] } }
    let rises = subsets.map { kept in
      loss(network.keeping([Tensor((0..<4).map { kept.contains($0) ? 1 : 0 })])) - loss(network)
    }
    let expected = network.contributionVariance(x).mean().scalar / 4
    #expect(abs(rises.reduce(0, +) / 6 - expected) < 1e-14)
  }

  @Test func cornersOfThePath() {
    let other = MeanFieldNetwork(weights: [numbers([3, 4], 400), numbers([4, 1], 500)])
    let corners = network.corners(to: other)
    #expect(corners.count == 6)
    // Half of either network, with neurons that are silent or not yet heard.
    let values = corners.map { $0(x) }
    let halves = [
      network.keeping([Tensor([1, 1, 0, 0])])(x), other.keeping([Tensor([0, 0, 1, 1])])(x),
    ]
    for (corner, value) in zip([0, 1, 2, 3, 4, 5], [network(x), halves[0], halves[0], halves[1], halves[1], other(x)]) {
      expect(values[corner], value.scalars)
    }
    // While silent neurons move nothing else does.
    for segment in [1, 3] { expect(corners[segment].interpolated(to: corners[segment + 1], at: 0.3)(x), values[segment].scalars) }
    // From both ends only the sizes of the contributions change at first.
    #expect(corners[1].weights[0] == network.weights[0] && corners[4].weights[0] == other.weights[0])
  }
}
