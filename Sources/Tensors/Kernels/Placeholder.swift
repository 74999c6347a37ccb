import Foundation

extension Float {
  public static func _exp(_ x: Vector) -> Vector { var y = x; for i in 0..<16 { y[i] = exp(x[i]) }; return y }
  public static func _log(_ x: Vector) -> Vector { var y = x; for i in 0..<16 { y[i] = log(x[i]) }; return y }
  public static func _tanh(_ x: Vector) -> Vector { var y = x; for i in 0..<16 { y[i] = tanh(x[i]) }; return y }
}
extension Double {
  public static func _exp(_ x: Vector) -> Vector { var y = x; for i in 0..<8 { y[i] = exp(x[i]) }; return y }
  public static func _log(_ x: Vector) -> Vector { var y = x; for i in 0..<8 { y[i] = log(x[i]) }; return y }
  public static func _tanh(_ x: Vector) -> Vector { var y = x; for i in 0..<8 { y[i] = tanh(x[i]) }; return y }
}
