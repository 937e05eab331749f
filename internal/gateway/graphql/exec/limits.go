package exec

// The limits of a document. They bound the work that checking and running it
// can cause before any statement runs, whatever is repeated through fragments.
const (
	// MaxTokens of a document.
	MaxTokens = 100_000
	// MaxDepth is how deep fields may be within fields. The introspection query of
	// GraphiQL has 13.
	MaxDepth = 50
	// MaxFields is how many fields a document may select, those of fragments
	// counted as often as the fragments are used.
	MaxFields = 5_000
	// MaxRootFields is how many root fields an operation may have: each is at
	// least one statement.
	MaxRootFields = 100
	// MaxErrors is how many mistakes of one document are told.
	MaxErrors = 50
	// maxNesting bounds lists and objects within each other in literals.
	maxNesting = 64
)
