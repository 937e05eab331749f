package cell

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// base64Text appends the bytes of a blob given in standard base64.
func (d *Decoder) base64Text(text []byte) error {
	var err error
	d.Buf, err = AppendBase64(d.Buf, text)
	return err
}

// AppendBase64 appends the bytes that standard base64 stands for. As Java's
// decoder does it takes text without padding too, and its error texts are
// Java's.
func AppendBase64(dst, text []byte) ([]byte, error) {
	n := len(text)
	for n > 0 && text[n-1] == '=' {
		n--
	}
	for _, c := range text[:n] {
		if !isBase64(c) {
			return dst, fmt.Errorf("Illegal base64 character %x", c)
		}
	}
	if padding := len(text) - n; n%4 == 1 || padding > 0 && (n+padding)%4 != 0 || padding > 2 {
		return dst, errors.New("Input byte array has wrong 4-byte ending unit")
	}
	return base64.RawStdEncoding.AppendDecode(dst, text[:n])
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}
