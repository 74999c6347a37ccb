import Notebook
import Testing

@Suite struct NumberTextTests {
  @Test(arguments: [
    (1e4, "10⁴"), (-1e3, "−10³"), (1e-2, "10⁻²"), (1e12, "10¹²"), (10, "10"), (1, "1"), (0, "0"), (250, "250"), (-0.5, "-0.5"),
    (.infinity, "inf"),
  ])
  func powersOfTenAsLabels(value: Double, text: String) {
    #expect(value.powerOfTen == text)
  }

  @Test func aNaNHasNoSign() {
    #expect((-Double.nan).brief == "nan" && Double.nan.powerOfTen == "nan")
  }
}
