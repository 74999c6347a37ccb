import Foundation
import Notebook
import TestSupport
import Testing

@Suite struct SettingsTests {
  struct Outer: Codable, Sendable, Equatable {
    @Setting("a step size") var rate = 0.5
    @Setting("how often") var count = 3
    @Setting("step sizes") var rates = [1.0, 2.0]
    @Setting("names") var names = ["a"]
    @Setting("counts") var sizes = [4]
    @Setting("whether") var isOn = false
    @Setting("what it is called") var label = "x"
    @Setting("the data") var data = Inner()
    var plain = 7

    static func == (a: Outer, b: Outer) -> Bool { (try? JSONValue(a)) == (try? JSONValue(b)) }
  }

  struct Inner: Codable, Sendable {
    @Setting("rows of it") var rows = 10
    @Setting("columns of it") var columns = 20
  }

  private func changed(_ assignments: String...) throws -> Outer { try SettingsTree.applying(assignments, to: Outer()) }
  private func refusal(_ assignment: String) -> String { message { _ = try changed(assignment) } }

  @Test func valuesOfEveryKind() throws {
    #expect(try changed("rate=1e-3").rate == 0.001)
    #expect(try changed("rate=-2").rate == -2)
    #expect(try changed("count=12").count == 12)
    #expect(try changed("isOn=true").isOn)
    #expect(try changed("label=two words, a comma").label == "two words, a comma")
    #expect(try changed("label=12").label == "12", "a text that looks like a number stays one")
    #expect(try changed("label=").label.isEmpty)
    #expect(try changed("label=a=b").label == "a=b", "only the first = separates")
    #expect(try changed("plain=8").plain == 8)
  }

  @Test func lists() throws {
    #expect(try changed("rates=0.1,0.01").rates == [0.1, 0.01])
    #expect(try changed("rates=[0.1,0.01]").rates == [0.1, 0.01])
    #expect(try changed("rates=5").rates == [5])
    #expect(try changed("rates=[]").rates == [])
    #expect(try changed("sizes=1,2,3").sizes == [1, 2, 3])
    #expect(try changed("names=b,c").names == ["b", "c"])
  }

  @Test func nestedKeysAndOrder() throws {
    let settings = try changed("data.rows=1", "count=4", "data.rows=2")
    #expect(settings.data.rows == 2, "the last one counts")
    #expect(settings.data.columns == 20)
    #expect(settings.count == 4)
  }

  @Test func whatIsWrongIsSaid() {
    #expect(refusal("rate") == "--set takes key=value, got 'rate'")
    #expect(refusal("rat=1").hasPrefix("no setting named 'rat'; did you mean: rate"))
    #expect(refusal("rows=1") == "no setting named 'rows'; did you mean: data.rows")
    #expect(refusal("data=1").hasPrefix("no setting named 'data'; did you mean: data."))
    let all = "count, data.columns, data.rows, isOn, label, names, plain, rate, rates, sizes"
    #expect(refusal("somethingelse=1") == "no setting named 'somethingelse'; there are: \(all)")
    #expect(refusal("count=1.5") == "setting 'count' takes a whole number (as now: 3), got '1.5'")
    #expect(refusal("count=many") == "setting 'count' takes a whole number (as now: 3), got 'many'")
    #expect(
      refusal("count=99999999999999999999") == "setting 'count' takes a whole number (as now: 3), got '99999999999999999999'")
    #expect(refusal("count=") == "setting 'count' takes a whole number (as now: 3), got ''")
    #expect(refusal("rate=fast") == "setting 'rate' takes a number (as now: 0.5), got 'fast'")
    #expect(refusal("rate=null") == "setting 'rate' takes a number (as now: 0.5), got 'null'")
    #expect(refusal("isOn=1") == "setting 'isOn' takes true or false (as now: false), got '1'")
    #expect(refusal("rates=0.1,x") == "setting 'rates' takes a list of numbers (as now: [1,2]), got '0.1,x'")
    #expect(refusal("sizes=0.5") == "setting 'sizes' takes a list of whole numbers (as now: [4]), got '0.5'")
  }

  @Test func encodesAsTheBareValue() throws {
    let text = try SettingsTree.text(of: Inner())
    #expect(text == "{\n  \"columns\" : 20,\n  \"rows\" : 10\n}")
    let decoded = try JSONDecoder().decode(Outer.self, from: Data(SettingsTree.text(of: changed("rates=7,8")).utf8))
    #expect(decoded.rates == [7, 8])
    #expect(decoded == (try changed("rates=7,8")))
  }

  @Test func helpIsFoundByDottedName() {
    let help = SettingsTree.help(of: Outer())
    #expect(help["rate"] == "a step size")
    #expect(help["data"] == "the data")
    #expect(help["data.rows"] == "rows of it")
    #expect(help["plain"] == nil)
    #expect(help.count == 10)
  }

  @Test func nearestNames() {
    let names = ["two-pass-softmax", "symmetry-curse", "large-step-perceptron"]
    #expect(nearest(to: "two-pas-softmax", among: names) == ["two-pass-softmax"])
    #expect(nearest(to: "softmax", among: names) == ["two-pass-softmax"])
    #expect(nearest(to: "zzz", among: names) == [])
    #expect(nearest(to: "ab", among: ["abc", "abd", "abe", "abf"]) == ["abc", "abd", "abe"], "three at most, in order")
    #expect(nearest(to: "kitten", among: ["sitting", "kitty"]) == ["kitty"], "distances 3 and 2")
  }
}
