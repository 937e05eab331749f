package backend

// As finds an optional capability, an interface T, of b or of a back end that b
// wraps. What it returns goes past the wrapper: statements that a wrapper adds
// to, such as those about roles and schema changes, must not be run through it.
func As[T any](b Backend) (T, bool) {
	for {
		if capability, ok := b.(T); ok {
			return capability, true
		}
		wrapper, ok := b.(interface{ Unwrap() Backend })
		if !ok {
			var none T
			return none, false
		}
		b = wrapper.Unwrap()
	}
}
