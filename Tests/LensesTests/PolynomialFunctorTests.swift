import Lenses
import Tensors
import Testing

@Suite struct PolynomialFunctorTests {
  /// Up to two positions of up to two directions, so that all maps can be listed.
  private let small: [PolynomialFunctor] = [
    PolynomialFunctor([]), PolynomialFunctor([0]), .y, PolynomialFunctor([2]), PolynomialFunctor([0, 1]),
    PolynomialFunctor([2, 1]),
    PolynomialFunctor([2, 2]),
  ]

  @Test func mapsAreCountedAndDistinct() {
    for p in small {
      for q in small {
        let maps = Array(p.maps(to: q))
        #expect(Int128(maps.count) == p.mapCount(to: q), "\(p) -> \(q)")
        #expect(Set(maps).count == maps.count && maps.allSatisfy { $0.isMap(from: p, to: q) })
      }
    }
    #expect(PolynomialFunctor([2, 0]).mapCount(to: PolynomialFunctor([3, 1, 0])) == (8 + 2 + 1) * (0 + 0 + 1))
  }

  @Test func composition() {
    let p = PolynomialFunctor([2, 1])
    let q = PolynomialFunctor([1, 2])
    for f in p.maps(to: q) {
      #expect(PolynomialMap.identity(p).then(f) == f && f.then(.identity(q)) == f)
      for g in q.maps(to: p) { #expect(f.then(g).isMap(from: p, to: p) && f.then(g).then(f) == f.then(g.then(f))) }
    }
  }

  @Test func closedStructure() {
    for p in small {
      #expect(PolynomialFunctor.hom(.y, p).isIsomorphic(to: p) && p.parallel(.y) == p)
      for q in small {
        #expect(p.parallel(q).isIsomorphic(to: q.parallel(p)))
        for r in small {
          #expect(p.parallel(q).mapCount(to: r) == p.mapCount(to: .hom(q, r)), "\(p) (x) \(q) -> \(r)")
        }
      }
    }
    let (q, r) = (PolynomialFunctor([2, 1]), PolynomialFunctor([1, 0, 2]))
    #expect(PolynomialFunctor.hom(q, r).directions == q.maps(to: r).map { $0.positions.reduce(0) { $0 + r.directions[$1] } })
    // A y^A -> B y^B as the paper has it: lenses, with a pair as direction.
    let hom = PolynomialFunctor.hom(.monomial(2, 2), .monomial(3, 3))
    #expect(hom == .monomial(9 * 64, 6))
  }
}

@Suite struct MooreMachineTests {
  private func machine(states: Int, inputs: Int, outputs: Int = 2, _ key: Key) -> MooreMachine<Int> {
    let draw = { (count: Int, below: Int, key: Key) in
      Tensor<Int32>.integers([count], in: 0..<Int32(below), key: key).scalars.map(Int.init)
    }
    return MooreMachine(
      outputs: draw(states, outputs, key[0]), transitions: (0..<states).map { draw(inputs, states, key[1][$0]) })
  }

  @Test(arguments: 0..<20) func alwaysIsTheUnionOfClosedSubsets(draw: Int) {
    let machine = machine(states: 8, inputs: 2, Key(seed: 1)[draw])
    let proposition = (0..<8).map { $0 != draw % 8 }
    var union = [Bool](repeating: false, count: 8)
    for number in 0..<256 {
      let set = (0..<8).map { (number >> $0) & 1 == 1 }
      if machine.isClosed(set), (0..<8).allSatisfy({ !set[$0] || proposition[$0] }) {
        union = (0..<8).map { union[$0] || set[$0] }
      }
    }
    #expect(machine.always(proposition) == union)
    #expect(machine.always(proposition, under: []) == proposition)
    #expect(machine.isClosed(machine.always(proposition, under: [0]), under: [0]))
  }

  /// Two states are of one class when their outputs agree along all words of as many inputs as there are states.
  @Test(arguments: 0..<10) func behavioursAreWords(draw: Int) {
    let machine = machine(states: 5, inputs: 2, Key(seed: 2)[draw])
    let words = (0..<32).map { number in (0..<5).map { (number >> $0) & 1 } }
    let seen = (0..<5).map { start in
      words.map { word in
        word.reduce(into: [start]) { $0.append(machine.transitions[$0[$0.count - 1]][$1]) }.map { machine.outputs[$0] }
      }
    }
    for a in 0..<5 {
      for b in 0..<5 { #expect((machine.behaviours[a] == machine.behaviours[b]) == (seen[a] == seen[b])) }
    }
  }

  @Test func distancesOnARing() {
    let ring = MooreMachine(outputs: [0, 0, 0, 0, 0], transitions: [[1], [2], [3], [0], [0]])
    #expect(ring.distances(to: [false, false, true, false, false]) == [2, 1, 0, 3, 3])
    #expect(ring.distances(to: [false, false, false, false, true]) == [nil, nil, nil, nil, 0])
    #expect(ring.reachable(from: 2) == [true, true, true, true, false])
  }

  @Test(arguments: 0..<10) func learnersAreMachines(draw: Int) {
    let learner = { (inputs: Int, outputs: Int, parameters: Int, key: Key) in
      let table = { (count: Int, below: Int, key: Key) in
        Tensor<Int32>.integers([count], in: 0..<Int32(below), key: key).scalars.map(Int.init)
      }
      let size = parameters * inputs * outputs
      let (i, u, r) = (table(size, outputs, key[0]), table(size, parameters, key[1]), table(size, inputs, key[2]))
      return FiniteLearner(
        tabulating: Learner {
          i[$0 * inputs + $1]
        } update: {
          u[($0 * inputs + $1) * outputs + $2]
        } request: {
          r[($0 * inputs + $1) * outputs + $2]
        }, .init(inputs: inputs, outputs: outputs, parameters: parameters))
    }
    let (f, g) = (learner(3, 2, 4, Key(seed: 3)[draw]), learner(2, 3, 2, Key(seed: 4)[draw]))
    #expect(FiniteLearner(f.machine, inputs: 3, outputs: 2) == f)
    let composed = f.machine.composed(with: g.machine, middle: 2, outputs: 3)
    #expect(composed == f.then(g).machine)
    #expect(composed != g.then(f).machine)
    #expect(composed.outputs.allSatisfy { $0.isMap(from: .monomial(3, 3), to: .monomial(3, 3)) })
  }
}
