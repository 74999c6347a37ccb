/// A polynomial functor with finitely many positions, p = sum over i of y^(p[i]): how many directions each position has.
///
///     PolynomialFunctor([2, 0])           // y^2 + 1
///     PolynomialFunctor.monomial(3, 2)    // 3 y^2, the interface of a machine with 3 outputs and 2 inputs
///
/// Position i is what a machine shows, a direction at i is what it may then be told. Poly is monoidal closed: maps p (x) q -> r are maps
/// p -> [q, r] (Spivak 2021, "Learners' languages", arXiv 2103.01189).
public struct PolynomialFunctor: Hashable, Sendable {
  /// p[i], for each position.
  public var directions: [Int]

  /// A sum of representables, one for each position.
  public init(_ directions: [Int]) { self.directions = directions }

  /// y, the unit of the parallel product.
  public static let y = PolynomialFunctor([1])

  /// A y^B.
  public static func monomial(_ positions: Int, _ directions: Int) -> PolynomialFunctor {
    PolynomialFunctor([Int](repeating: directions, count: positions))
  }

  /// Whether the two are isomorphic: the same representables in any order.
  public func isIsomorphic(to other: PolynomialFunctor) -> Bool { directions.sorted() == other.directions.sorted() }

  /// The parallel product p (x) q = sum over i, j of y^(p[i] q[j]); the second position runs fastest.
  public func parallel(_ other: PolynomialFunctor) -> PolynomialFunctor {
    PolynomialFunctor(directions.flatMap { d in other.directions.map { d * $0 } })
  }

  /// How many maps there are to `target`: the product over i of the sum over j of p[i]^(q[j]).
  public func mapCount(to target: PolynomialFunctor) -> Int128 {
    let multiplicities = target.directions.reduce(into: [Int: Int128]()) { $0[$1, default: 0] += 1 }
    return directions.reduce(1) { product, own in
      product * multiplicities.reduce(0) { $0 + $1.value * Int128(own).power($1.key) }
    }
  }

  /// The maps to `target`, one after the other.
  public func maps(to target: PolynomialFunctor) -> some Sequence<PolynomialMap> {
    // A map chooses for every position on its own: an image, and where the directions of the image go back to.
    let choices = directions.map { own in
      target.directions.enumerated().flatMap { image, theirs in
        mixedRadix([Int](repeating: own, count: theirs)).map { (image: image, back: $0) }
      }
    }
    return mixedRadix(choices.map(\.count)).lazy.map { digits in
      let chosen = zip(choices, digits).map { $0[$1] }
      return PolynomialMap(positions: chosen.map(\.image), directions: chosen.map(\.back))
    }
  }

  /// The internal hom [q, r] = sum over maps phi: q -> r of y^(sum over j of r[phi j]), in the order of ``maps(to:)``.
  public static func hom(_ q: PolynomialFunctor, _ r: PolynomialFunctor) -> PolynomialFunctor {
    // Of a map only the images of the positions matter here; each stands for all ways back, q[j]^(r[image]) of them.
    PolynomialFunctor(
      q.directions.reduce([0]) { sums, own in
        let images = r.directions.flatMap { [Int](repeating: $0, count: Int(Int128(own).power($0))) }
        return sums.flatMap { sum in images.map { sum + $0 } }
      })
  }
}

/// A map of polynomial functors p -> q: positions go forwards, directions back.
///
/// Between monomials A y^A' -> B y^B' it is a lens: get on positions, put on directions.
public struct PolynomialMap: Hashable, Sendable {
  /// phi(i), for each position i of p.
  public var positions: [Int]
  /// The direction of p at i that each direction of q at phi(i) goes back to.
  public var directions: [[Int]]

  /// A map of tables.
  public init(positions: [Int], directions: [[Int]]) { (self.positions, self.directions) = (positions, directions) }

  /// Whether it is a map between these.
  public func isMap(from p: PolynomialFunctor, to q: PolynomialFunctor) -> Bool {
    positions.count == p.directions.count && directions.count == positions.count
      && positions.indices.allSatisfy { i in
        q.directions.indices.contains(positions[i]) && directions[i].count == q.directions[positions[i]]
          && directions[i].allSatisfy((0..<p.directions[i]).contains)
      }
  }

  /// This map, then `next`.
  public func then(_ next: PolynomialMap) -> PolynomialMap {
    PolynomialMap(
      positions: positions.map { next.positions[$0] },
      directions: zip(positions, directions).map { image, back in next.directions[image].map { back[$0] } })
  }

  /// The identity of p.
  public static func identity(_ p: PolynomialFunctor) -> PolynomialMap {
    PolynomialMap(positions: Array(p.directions.indices), directions: p.directions.map { Array(0..<$0) })
  }
}

/// All sequences of digits, the i-th below `radices[i]`, in ascending order with the last digit fastest.
func mixedRadix(_ radices: [Int]) -> some Sequence<[Int]> {
  // The empty sequence is one; with a radix of 0 there is none.
  sequence(state: radices.contains(0) ? nil : [Int](repeating: 0, count: radices.count)) { (digits: inout [Int]?) -> [Int]? in
    let current = digits
    guard var next = digits else { return nil }
    var place = next.count - 1
    while place >= 0, next[place] + 1 == radices[place] {
      next[place] = 0
      place -= 1
    }
    if place >= 0 {
      next[place] += 1
      digits = next
    } else {
      digits = nil
    }
    return current
  }
}

extension Int128 {
  fileprivate func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { product, _ in product * self } }
}
