package access

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestBadTokensWaitTheirTurn: a login that is refused costs one password, also one by
// what has the form of a token, and waits until as many as may are checked at a time. A
// good token waits for nobody.
func TestBadTokensWaitTheirTurn(t *testing.T) {
	s, secret := benchStore(t)
	webToken := benchWebToken(t, s)
	door := s.Door("native", CQL)
	for range cap(passwordChecks) {
		passwordChecks <- struct{}{}
	}
	defer func() {
		for range cap(passwordChecks) {
			<-passwordChecks
		}
	}()
	for name, login := range map[string][2]string{
		"application token": {"token", secret.Token},
		"client secret":     {secret.ClientID, secret.ClientSecret},
		"JSON Web Token":    {"token", webToken},
	} {
		if _, err := door.Login(t.Context(), login[0], login[1]); err != nil {
			t.Errorf("a good %s: %v", name, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, login := range map[string][2]string{
		"session token":     {"token", strings.Repeat("x", sessionTokenLength)},
		"application token": {"token", secret.Token[:len(secret.Token)-1] + "x"},
		"client secret":     {secret.ClientID, "wrong"},
		"JSON Web Token":    {"token", webToken + "x"},
	} {
		if _, err := door.Login(gone, login[0], login[1]); !errors.Is(err, context.Canceled) {
			t.Errorf("a bad %s did not wait: %v", name, err)
		}
	}
}
