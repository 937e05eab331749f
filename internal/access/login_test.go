package access

import (
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// TestEveryNameCostsOnePassword: whatever name a login has, there is a hash that
// its password is compared with, and nobody's costs what a role's does. So the
// time of a refusal does not tell which names there are.
func TestEveryNameCostsOnePassword(t *testing.T) {
	hash, err := hashPassword("secret")
	if err != nil {
		t.Fatal(err)
	}
	st := &state{
		tokens: map[string]*Token{"client": {ClientID: "client"}},
		byName: map[string]*Role{"alice": {Name: "alice", saltedHash: hash}, "group": {Name: "group"}},
	}
	for name, has := range map[string]bool{"alice": true, "group": false, "client": false, "nobody": false, "token": false, "": false} {
		role, hash := st.passwordOf(name)
		if (role != nil) != has {
			t.Errorf("%q: role %v", name, role)
		}
		if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost != bcryptRounds {
			t.Errorf("%q is compared with a hash of cost %d, %v", name, cost, err)
		}
	}
	s := &Store{}
	s.state.Store(st)
	for _, name := range []string{"alice", "group", "client", "nobody", "token", ""} {
		if p, err := s.checkRole(name, "wrong"); err == nil {
			t.Errorf("%q logs in as %v", name, p)
		}
	}
}
