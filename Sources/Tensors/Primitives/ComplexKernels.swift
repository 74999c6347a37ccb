import ComplexModule

/// Arithmetic of complex numbers, as the textbook writes it: `relaxed` products, without rescue of infinities.
enum ComplexKernels<R: RealScalar> {
  typealias C = Complex<R>

  @specialized(where R == Float)
  @specialized(where R == Double)
  static func add(
    _ a: UnsafePointer<C>, _ aStep: Int, _ b: UnsafePointer<C>, _ bStep: Int, _ y: UnsafeMutablePointer<C>, _ count: Int
  ) { for i in 0..<count { y[i] = a[i * aStep] + b[i * bStep] } }

  @specialized(where R == Float)
  @specialized(where R == Double)
  static func subtract(
    _ a: UnsafePointer<C>, _ aStep: Int, _ b: UnsafePointer<C>, _ bStep: Int, _ y: UnsafeMutablePointer<C>, _ count: Int
  ) { for i in 0..<count { y[i] = a[i * aStep] - b[i * bStep] } }

  @specialized(where R == Float)
  @specialized(where R == Double)
  static func multiply(
    _ a: UnsafePointer<C>, _ aStep: Int, _ b: UnsafePointer<C>, _ bStep: Int, _ y: UnsafeMutablePointer<C>, _ count: Int
  ) { for i in 0..<count { y[i] = a[i * aStep] * b[i * bStep] } }

  @specialized(where R == Float)
  @specialized(where R == Double)
  static func divide(
    _ a: UnsafePointer<C>, _ aStep: Int, _ b: UnsafePointer<C>, _ bStep: Int, _ y: UnsafeMutablePointer<C>, _ count: Int
  ) { for i in 0..<count { y[i] = a[i * aStep] / b[i * bStep] } }
}
