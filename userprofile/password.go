package userprofile

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The parameters of argon2id: the second recommended choice of RFC 9106 §4,
// scaled to OWASP's 19 MiB, so that a laptop can serve several logins at once.
const (
	argonTime    = 2
	argonMemory  = 19 << 10 // KiB
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
	argonPrefix  = "$argon2id$"
)

// maxHashing bounds the password checks that run at once (each takes
// argonMemory): the others wait.
const maxHashing = 4

// hasher makes and checks password hashes in PHC string format.
type hasher struct {
	slots chan struct{}
	// dummy is the hash of no one's password: checked when there is no account,
	// so that a failed login takes the same time with one and without.
	dummy string
}

func newHasher() (*hasher, error) {
	h := &hasher{slots: make(chan struct{}, maxHashing)}
	var err error
	h.dummy, err = h.hash(context.Background(), rand.Text())
	return h, err
}

// enter waits for a slot.
func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slots }()
	salt := make([]byte, argonSalt)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("%sv=%d$m=%d,t=%d,p=%d$%s$%s", argonPrefix, argon2.Version, argonMemory, argonTime, argonThreads,
		enc.EncodeToString(salt), enc.EncodeToString(key)), nil
}

// check reports whether password is the one stored. Rows that the post's own
// client wrote hold the password as it is: old is then true, and the caller
// replaces it by a hash.
func (h *hasher) check(ctx context.Context, stored, password string) (ok, old bool, err error) {
	if !strings.HasPrefix(stored, argonPrefix) {
		_, _, err = h.checkHash(ctx, h.dummy, password) // the same time as the others
		return err == nil && subtle.ConstantTimeCompare([]byte(stored), []byte(password)) == 1, true, err
	}
	return h.checkHash(ctx, stored, password)
}

func (h *hasher) checkHash(ctx context.Context, stored, password string) (ok, old bool, err error) {
	var version int
	var memory, time uint32
	var threads uint8
	parts := strings.Split(stored, "$") // "", argon2id, v, m/t/p, salt, key
	if len(parts) != 6 {
		return false, false, fmt.Errorf("a stored password hash has %d parts", len(parts))
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &threads); err != nil {
		return false, false, fmt.Errorf("a stored password hash: %w", err)
	}
	if version != argon2.Version || memory > 1<<18 || time == 0 || time > 100 || threads == 0 {
		return false, false, fmt.Errorf("a stored password hash has parameters out of range")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, false, fmt.Errorf("a stored password hash: %w", err)
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) == 0 {
		return false, false, fmt.Errorf("a stored password hash has a bad key")
	}
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer func() { <-h.slots }()
	got := argon2.IDKey([]byte(password), salt, time, memory, threads, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, false, nil
}
