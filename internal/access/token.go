package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The shape of an application token: "AstraCS:" + 24 characters (the client
// id) + ":" + 64 hexadecimal digits, 97 characters in all (docs of Astra; its
// command line checks just this).
const (
	tokenPrefix    = "AstraCS:"
	clientIDLength = 24
	secretLength   = 64
	tokenLength    = len(tokenPrefix) + clientIDLength + 1 + secretLength
	// clientSecretLength is the length of the secret that goes with a client
	// id as a CQL user name.
	clientSecretLength = 128
)

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Token is an application token as kept: its hashes, never itself.
type Token struct {
	ClientID    string
	Role        uuid.UUID
	Description string
	Created     time.Time
	// Expires is when the token ends; zero for never.
	Expires time.Time
	use     *use
	// tokenHash and secretHash are SHA-256 of the token and of the client secret.
	tokenHash, secretHash [sha256.Size]byte
}

// Secret is what the maker of a token sees once.
type Secret struct {
	ClientID     string
	ClientSecret string
	// Token is the whole application token.
	Token string
}

// newSecret makes a token of 256 random bits, its client id and client secret.
func newSecret() Secret {
	var random [secretLength / 2]byte
	rand.Read(random[:]) // never fails (crypto/rand)
	id := randomLetters(clientIDLength)
	return Secret{
		ClientID:     id,
		ClientSecret: randomLetters(clientSecretLength),
		Token:        tokenPrefix + id + ":" + hex.EncodeToString(random[:]),
	}
}

// randomLetters draws n letters evenly (bytes past the last whole multiple of
// the alphabet are drawn again).
func randomLetters(n int) string {
	const limit = 256 - 256%len(letters)
	out := make([]byte, 0, n)
	var buf [64]byte
	for len(out) < n {
		rand.Read(buf[:])
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, letters[int(b)%len(letters)])
			}
		}
	}
	return string(out)
}

// ClientID returns the client id within a well-formed application token.
func ClientID(token string) (string, bool) {
	if len(token) != tokenLength || !strings.HasPrefix(token, tokenPrefix) || token[len(tokenPrefix)+clientIDLength] != ':' {
		return "", false
	}
	return token[len(tokenPrefix) : len(tokenPrefix)+clientIDLength], true
}

// matches compares a presented secret with a kept hash in constant time.
func matches(hash [sha256.Size]byte, presented string) bool {
	var room [clientSecretLength]byte // so that nothing is allocated for a token
	h := sha256.Sum256(append(room[:0], presented...))
	return subtle.ConstantTimeCompare(h[:], hash[:]) == 1
}
