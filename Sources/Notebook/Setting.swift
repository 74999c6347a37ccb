/// A knob of an experiment: a default with its help text, and with its source where it has one.
///
///     public struct Settings: Codable, Sendable {
///       @Setting("number of gradient steps") public var steps = 20_000
///       public init() {}
///     }
///
/// It encodes as the bare value, so the settings' JSON and `--set steps=100` know nothing of the wrapper. The help text is read
/// from a freshly made value by ``SettingsTree/help(of:)``; a decoded value carries none.
@propertyWrapper
public struct Setting<Value: Codable & Sendable>: Codable, Sendable {
  /// What the experiment computes with.
  public var wrappedValue: Value
  let help: String

  /// `@Setting("number of gradient steps") var steps = 100`
  public init(wrappedValue: Value, _ help: String) {
    self.wrappedValue = wrappedValue
    self.help = help
  }

  /// From the bare value; the help text is empty.
  public init(from decoder: any Decoder) throws {
    wrappedValue = try decoder.singleValueContainer().decode(Value.self)
    help = ""
  }

  /// As the bare value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}

/// What ``SettingsTree`` reads off a wrapped setting without knowing the type of its value.
protocol DocumentedSetting {
  var help: String { get }
  var value: any Sendable { get }
}

extension Setting: DocumentedSetting {
  var value: any Sendable { wrappedValue }
}
