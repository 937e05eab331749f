package conformance

import "testing"

// Check plays f, read from path, on s as part of a test, which fails with each
// answer that is not the recorded one.
func (f *File) Check(t *testing.T, path string, s Session) {
	t.Helper()
	err := f.Play(t.Context(), s, func(r Result) {
		if r.Skipped != "" {
			t.Logf("%s:%d not compared: %s", path, r.Case.Line, r.Skipped)
		}
		if !r.Agrees() {
			t.Errorf("%s:%d: %s\nCassandra:\n%s\ngot:\n%s", path, r.Case.Line, r.Case.Statement, r.Case.Answer, r.Got)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
