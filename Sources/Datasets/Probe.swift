import CZlib
import CCrypto
public let z = String(cString: zlibVersion())
