// TEMPORARY: naive kernels until the machine branch lands.
import ComplexModule
extension Kernel {
  init(copying type: ScalarType, extents: [Int], source: Strided, target: Strided) {
    let size = type.byteCount
    let total = elementCount(extents)
    self.init { ins, outs, _ in
      var index = extents.map { _ in 0 }
      for _ in 0..<total {
        var (s, t) = (source.offset, target.offset)
        for a in extents.indices { s += index[a] * source.strides[a]; t += index[a] * target.strides[a] }
        (outs[0] + t * size).copyMemory(from: ins[0] + s * size, byteCount: size)
        var a = extents.count - 1
        while a >= 0 { index[a] += 1; if index[a] < extents[a] { break }; index[a] = 0; a -= 1 }
      }
    }
  }
  init(permuting input: Signature, axes: [Int]) {
    let s = Strided.whole(input.shape)
    let out = axes.map { input.shape[$0] }
    self.init(copying: input.scalarType, extents: out, source: Strided(strides: axes.map { s.strides[$0] }), target: .whole(out))
  }
  package static func identity(_ s: Signature) -> Kernel {
    let bytes = s.byteCount
    return Kernel { i, o, _ in o[0].copyMemory(from: i[0], byteCount: bytes) }
  }
  enum R { case sum, product, maximum, minimum, any, all, logSumExp }
  enum A { case softmax, logSoftmax, cumulativeSum, reverseCumulativeSum }
  static func reduction(_ type: ScalarType, _ v: AxisView, _ r: R) -> Kernel {
    func make<S: RealScalar>(_ t: S.Type) -> Kernel {
      Kernel { i, o, _ in
        let x = i[0].assumingMemoryBound(to: S.self), y = o[0].assumingMemoryBound(to: S.self)
        for a in 0..<v.outer { for c in 0..<v.inner {
          var s: Double = r == .product ? 1 : r == .maximum ? -.infinity : r == .minimum ? .infinity : 0
          var m = -Double.infinity
          if r == .logSumExp { for b in 0..<v.extent { m = max(m, Double(x[(a * v.extent + b) * v.inner + c])) } }
          for b in 0..<v.extent {
            let e = Double(x[(a * v.extent + b) * v.inner + c])
            switch r {
            case .sum: s += e
            case .product: s *= e
            case .maximum: s = max(s, e)
            case .minimum: s = min(s, e)
            case .logSumExp: s += Double.exp(e - m)
            default: break
            }
          }
          y[a * v.inner + c] = S(r == .logSumExp ? m + Double.log(s) : s)
        } }
      }
    }
    return type == .float ? make(Float.self) : make(Double.self)
  }
  static func alongAxis(_ type: ScalarType, _ v: AxisView, _ r: A) -> Kernel {
    func make<S: RealScalar>(_ t: S.Type) -> Kernel {
      Kernel { i, o, _ in
        let x = i[0].assumingMemoryBound(to: S.self), y = o[0].assumingMemoryBound(to: S.self)
        for a in 0..<v.outer { for c in 0..<v.inner {
          func at(_ b: Int) -> Int { (a * v.extent + b) * v.inner + c }
          switch r {
          case .cumulativeSum: var s: S = 0; for b in 0..<v.extent { s += x[at(b)]; y[at(b)] = s }
          case .reverseCumulativeSum: var s: S = 0; for b in (0..<v.extent).reversed() { s += x[at(b)]; y[at(b)] = s }
          default:
            var m = -S.infinity, s: S = 0
            for b in 0..<v.extent { m = max(m, x[at(b)]) }
            for b in 0..<v.extent { s += S.exp(x[at(b)] - m) }
            for b in 0..<v.extent { y[at(b)] = r == .softmax ? S.exp(x[at(b)] - m) / s : x[at(b)] - m - S.log(s) }
          }
        } }
      }
    }
    return type == .float ? make(Float.self) : make(Double.self)
  }
  static func argument(_ type: ScalarType, _ v: AxisView, isMaximum: Bool) -> Kernel {
    func make<S: RealScalar>(_ t: S.Type) -> Kernel {
      Kernel { i, o, _ in
        let x = i[0].assumingMemoryBound(to: S.self), y = o[0].assumingMemoryBound(to: Int32.self)
        for a in 0..<v.outer { for c in 0..<v.inner {
          var best = 0
          for b in 1..<v.extent where (x[(a * v.extent + b) * v.inner + c] > x[(a * v.extent + best) * v.inner + c]) == isMaximum { best = b }
          y[a * v.inner + c] = Int32(best)
        } }
      }
    }
    return type == .float ? make(Float.self) : make(Double.self)
  }
  static func gatherRows(_ x: Signature, _ count: Int) -> Kernel {
    let rows = x.shape[0], width = x.byteCount / Swift.max(rows, 1)
    return Kernel { i, o, _ in
      let idx = i[1].assumingMemoryBound(to: Int32.self)
      for j in 0..<count {
        guard idx[j] >= 0, idx[j] < rows else { fatalError("Tensor.gather: index \(idx[j]) of \(rows) rows") }
        (o[0] + j * width).copyMemory(from: i[0] + Int(idx[j]) * width, byteCount: width)
      }
    }
  }
  static func scatterAddRows(_ y: Signature, _ count: Int) -> Kernel {
    let rows = y.shape[0], width = y.count / Swift.max(rows, 1), total = y.count
    func make<S: Numeric>(_ t: S.Type) -> Kernel {
      Kernel { i, o, _ in
        let x = i[0].assumingMemoryBound(to: S.self), idx = i[1].assumingMemoryBound(to: Int32.self), out = o[0].assumingMemoryBound(to: S.self)
        out.update(repeating: 0, count: total)
        for j in 0..<count { for c in 0..<width { out[Int(idx[j]) * width + c] += x[j * width + c] } }
      }
    }
    return switch y.scalarType { case .float: make(Float.self)
      case .double: make(Double.self)
      default: make(Int32.self) }
  }
}
enum Conversions {
  static func loop(_ a: ScalarType, _ b: ScalarType) -> ElementLoop {
    @Sendable func get(_ p: UnsafeRawPointer, _ i: Int) -> Double {
      switch a { case .float: Double(p.assumingMemoryBound(to: Float.self)[i])
      case .double: p.assumingMemoryBound(to: Double.self)[i]
      case .int32: Double(p.assumingMemoryBound(to: Int32.self)[i])
      case .uint32: Double(p.assumingMemoryBound(to: UInt32.self)[i])
      case .bool: p.assumingMemoryBound(to: Bool.self)[i] ? 1 : 0
      default: fatalError() }
    }
    @Sendable func set(_ p: UnsafeMutableRawPointer, _ i: Int, _ v: Double) {
      switch b { case .float: p.assumingMemoryBound(to: Float.self)[i] = Float(v)
      case .double: p.assumingMemoryBound(to: Double.self)[i] = v
      case .int32: p.assumingMemoryBound(to: Int32.self)[i] = Int32(v)
      case .uint32: p.assumingMemoryBound(to: UInt32.self)[i] = UInt32(v)
      case .bool: p.assumingMemoryBound(to: Bool.self)[i] = v != 0
      default: fatalError() }
    }
    return { o, y, n in for i in 0..<n { set(y, i, get(o[0].pointer, i * o[0].step)) } }
  }
}
extension Kernels {
  static func select<S>(_ c: UnsafePointer<Bool>, _ cs: Int, _ a: UnsafePointer<S>, _ sa: Int, _ b: UnsafePointer<S>, _ sb: Int, _ y: UnsafeMutablePointer<S>, _ n: Int) {
    for i in 0..<n { y[i] = c[i * cs] ? a[i * sa] : b[i * sb] }
  }
  @specialized(where S == Float) @specialized(where S == Double) @specialized(where S == Int32)
  static func less<S: Comparable>(_ a: UnsafePointer<S>, _ sa: Int, _ b: UnsafePointer<S>, _ sb: Int, _ y: UnsafeMutablePointer<Bool>, _ n: Int) {
    for i in 0..<n { y[i] = a[i * sa] < b[i * sb] }
  }
  @specialized(where S == Float) @specialized(where S == Double) @specialized(where S == Int32)
  static func lessOrEqual<S: Comparable>(_ a: UnsafePointer<S>, _ sa: Int, _ b: UnsafePointer<S>, _ sb: Int, _ y: UnsafeMutablePointer<Bool>, _ n: Int) {
    for i in 0..<n { y[i] = a[i * sa] <= b[i * sb] }
  }
  @specialized(where S == Float) @specialized(where S == Double) @specialized(where S == Int32)
  static func equal<S: Equatable>(_ a: UnsafePointer<S>, _ sa: Int, _ b: UnsafePointer<S>, _ sb: Int, _ y: UnsafeMutablePointer<Bool>, _ n: Int) {
    for i in 0..<n { y[i] = a[i * sa] == b[i * sb] }
  }
  static func notEqual<S: Equatable>(_ a: UnsafePointer<S>, _ sa: Int, _ b: UnsafePointer<S>, _ sb: Int, _ y: UnsafeMutablePointer<Bool>, _ n: Int) {
    for i in 0..<n { y[i] = a[i * sa] != b[i * sb] }
  }
  static func maximum<S: RealScalar>(_ a: UnsafePointer<S>, _ sa: Int, _ b: UnsafePointer<S>, _ sb: Int, _ y: UnsafeMutablePointer<S>, _ n: Int) {
    for i in 0..<n { y[i] = max(a[i * sa], b[i * sb]) }
  }
  static func minimum<S: RealScalar>(_ a: UnsafePointer<S>, _ sa: Int, _ b: UnsafePointer<S>, _ sb: Int, _ y: UnsafeMutablePointer<S>, _ n: Int) {
    for i in 0..<n { y[i] = min(a[i * sa], b[i * sb]) }
  }
}
