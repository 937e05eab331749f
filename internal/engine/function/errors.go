package function

import (
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// serverError is the error of a Java exception that Cassandra does not catch:
// it reaches the client as a server error with the class's name.
func serverError(class, text string) error {
	return cqlerr.Newf(cqlerr.ServerError, "%s: %s", class, text)
}

// javaArithmetic is an ArithmeticException.
func javaArithmetic(text string) error { return serverError("java.lang.ArithmeticException", text) }

// javaNumberFormat is what new BigDecimal of NaN or an infinity throws.
func javaNumberFormat(f float64) error {
	text := "Character I is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark."
	if math.IsNaN(f) {
		text = "Character N is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark."
	}
	return serverError("java.lang.NumberFormatException", text)
}
