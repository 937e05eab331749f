package userprofile

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of what people type, in characters unless said otherwise.
const (
	maxName     = 100
	maxEmail    = 254 // RFC 5321 §4.5.3.1.3, in bytes
	minPassword = 8
	maxPassword = 256
)

// fields collects what is wrong with a form, by field.
type fields map[string]string

// name checks and trims a person's name.
func (f fields) name(field, value string) string {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		f[field] = "Enter a name."
	case utf8.RuneCountInString(value) > maxName:
		f[field] = "A name can have 100 characters at most."
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		f[field] = "A name can't hold control characters."
	}
	return value
}

// email checks an e-mail and returns it in the form that is stored: trimmed and
// in lower case, so that one person does not get two accounts by accident.
func (f fields) email(field, value string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	a, err := mail.ParseAddress(value)
	switch {
	case value == "":
		f[field] = "Enter an e-mail address."
	case len(value) > maxEmail || err != nil || a.Address != value || !strings.Contains(value, "@"):
		f[field] = "This is not an e-mail address, like name@example.com."
	}
	return value
}

// password checks a new password.
func (f fields) password(field, value string) string {
	switch n := utf8.RuneCountInString(value); {
	case n < minPassword:
		f[field] = "A password needs 8 characters at least."
	case n > maxPassword:
		f[field] = "A password can have 256 characters at most."
	}
	return value
}

// present checks that a field was filled in and is not absurdly long.
func (f fields) present(field, value, message string) string {
	if value == "" || len(value) > 4*maxPassword {
		f[field] = message
	}
	return value
}
