package server

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc"
	"github.com/astrolabe-db/astrolabe/internal/gateway/native"
)

// TestAccess makes each operation of each door as each principal, and looks
// whether it is let through, how it is refused, and what it gets to see. The
// tables are texts in testdata/access; its README tells their form, and how a
// door adds itself.
//
// What there is to test is asked of the doors (door.operations), of package cql
// (the kinds of statement) and of the directory of the gateways: what has no entry
// fails here.
func TestAccess(t *testing.T) {
	k := newKitchen(t)
	for _, d := range k.accessDoors(t) {
		t.Run(d.name, func(t *testing.T) {
			table := readAccessTable(t, d.name)
			for _, operation := range d.operations {
				if !slices.ContainsFunc(table, func(e *accessEntry) bool { return e.operation == operation }) {
					t.Errorf("%s has no entry in testdata/access/%s.txt", operation, d.name)
				}
			}
			for _, e := range table {
				if !slices.Contains(d.operations, e.operation) {
					t.Errorf("testdata/access/%s.txt: the door has no operation %s", d.name, e.operation)
				}
			}
			for _, p := range k.principals {
				if p.webToken && d.name == "auth" {
					continue // its operations ask for a name: TestWebTokenMakesNoSession
				}
				way := d.as(p)
				for _, e := range table {
					for _, one := range e.crossed(k.statements) {
						k.check(t, p, one, way)
					}
				}
			}
		})
	}
}

// TestEveryDoorIsCrossed: each package of doors is one that TestAccess knows.
func TestEveryDoorIsCrossed(t *testing.T) {
	k := newKitchen(t)
	var known []string
	for _, d := range k.accessDoors(t) {
		known = append(known, d.name)
	}
	packages, err := os.ReadDir("../gateway")
	if err != nil {
		t.Fatal(err)
	}
	const public = "apidocs" // pages alone
	for _, p := range packages {
		if p.Name() != public && !slices.Contains(known, p.Name()) {
			t.Errorf("door %s is not crossed with the principals: testdata/access/README.md", p.Name())
		}
	}
}

// accessDoor is a door as TestAccess uses it.
type accessDoor struct {
	name       string
	operations []string
	// as returns how a principal calls it.
	as func(*accessPrincipal) way
}

// way makes one call and returns its status – HTTP's, or for CQL 0 or the error
// code – and what it was answered.
type way func(*accessEntry) (status int, answer string)

// accessDoors are all doors: those with an HTTP handler, which tell themselves,
// and those with listeners of their own.
func (k *kitchen) accessDoors(t *testing.T) []accessDoor {
	all := []accessDoor{
		{"native", native.Operations(), func(p *accessPrincipal) way { return k.nativeWay(t, p) }},
		{"grpc", grpc.Operations(), func(p *accessPrincipal) way { return k.grpcWay(t, p) }},
	}
	for _, d := range k.doors {
		if d.operations == nil {
			continue // it asks for no credentials
		}
		if d.name == "" {
			t.Errorf("the door at %v has no name", d.patterns)
		}
		all = append(all, accessDoor{d.name, d.operations, func(p *accessPrincipal) way { return k.httpWay(t, d, p) }})
	}
	return all
}

// check makes one call and looks at the answer.
func (k *kitchen) check(t *testing.T, p *accessPrincipal, e *accessEntry, call way) {
	t.Helper()
	want := p.expect(e)
	want.text = strings.NewReplacer("{org}", k.access.Organization().ID.String(), "{database}", k.database.ID.String()).Replace(want.text)
	k.prepare(t, e)
	status, answer := call(e)
	if status == e.status && status < 300 {
		k.restore(t, e)
	}
	what := fmt.Sprintf("%s: %s %s", p.name, e.operation, e.what())
	if status != want.status || !strings.Contains(answer, want.text) {
		t.Errorf("%s\n got %s %.300s\nwant %s %s", what, e.code(status), answer, e.code(want.status), want.text)
		return
	}
	if status != e.status {
		return
	}
	for _, name := range e.lists {
		shown := name[strings.LastIndexByte(name, '.')+1:]
		if sees := p.meets("SEE " + name); strings.Contains(answer, shown) != sees {
			t.Errorf("%s: %s is shown: %v, wanted: %v\n%.600s", what, name, !sees, sees, answer)
		}
	}
	if len(e.lists) > 0 && strings.Contains(answer, "astrolabe") {
		t.Errorf("%s: shows keyspace astrolabe", what)
	}
}
