package rest

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/httpapi/apicase"
)

// TestStatements checks what each call asks of the back end: CQL, values and,
// where the answer says so, the error. All run at LOCAL_QUORUM.
func TestStatements(t *testing.T) {
	f := newFake(t)
	h := New(Options{Backend: f, Auth: everyone{}})
	file, err := os.ReadFile("testdata/statements.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range apicase.Read(string(file)) {
		t.Run(c.At, func(t *testing.T) {
			f.ran = ""
			answer := ask(h, c.Method, c.Target, c.Body)
			got := f.last()
			if got == "" || answer.Code >= 300 {
				got = strings.TrimRight(strconv.Itoa(answer.Code)+" "+answer.Body.String(), " ")
			}
			if got == f.last() && f.query.Consistency != backend.LocalQuorum {
				t.Errorf("%s %s runs at %s", c.Method, c.Target, f.query.Consistency)
			}
			for _, want := range c.Want {
				if part, ok := strings.CutPrefix(want, "~ "); ok && strings.Contains(got, part) {
					continue
				}
				if got != want {
					t.Errorf("%s %s %s\n got %s\nwant %s", c.Method, c.Target, c.Body, got, want)
				}
			}
		})
	}
}
