package native

import (
	"strings"
	"testing"
)

// TestCutLiteral: a literal is cut by its characters, and ends as a text does.
func TestCutLiteral(t *testing.T) {
	whole := "'" + strings.Repeat("é", 998) + "'"
	if got := cutLiteral(whole); got != whole {
		t.Errorf("1000 characters became %q", got)
	}
	long := "'" + strings.Repeat("é", 999) + "'"
	if got, want := cutLiteral(long), "'"+strings.Repeat("é", 999)+"...'"; got != want {
		t.Errorf("1001 characters became %q", got)
	}
}
