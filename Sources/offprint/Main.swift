import Notebook
@main struct Main { static func main() { print(topics, probe()) } }
