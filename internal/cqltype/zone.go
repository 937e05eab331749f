package cqltype

import (
	"strings"
	"time"
)

// zoneNames are the short zone names that Java's pattern z knows and a time
// zone database does not have as such, with the region Java takes them for.
var zoneNames = map[string]string{
	"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "MST": "America/Denver", "MDT": "America/Denver",
	"CST": "America/Chicago", "CDT": "America/Chicago", "EST": "America/New_York", "EDT": "America/New_York",
	"BST": "Europe/London", "CEST": "Europe/Paris", "EEST": "Europe/Bucharest", "WEST": "Europe/Lisbon",
	"Pacific Standard Time": "America/Los_Angeles", "Mountain Standard Time": "America/Denver",
	"Central Standard Time": "America/Chicago", "Eastern Standard Time": "America/New_York",
	"Central European Standard Time": "Europe/Paris", "Coordinated Universal Time": "UTC", "Greenwich Mean Time": "UTC",
	"Pacific Time": "America/Los_Angeles", "Mountain Time": "America/Denver", "Central Time": "America/Chicago", "Eastern Time": "America/New_York",
	"Pacific Daylight Time": "America/Los_Angeles", "Mountain Daylight Time": "America/Denver",
	"Central Daylight Time": "America/Chicago", "Eastern Daylight Time": "America/New_York",
	"Central European Time": "Europe/Paris", "Central European Summer Time": "Europe/Paris",
	"Eastern European Time": "Europe/Bucharest", "Eastern European Standard Time": "Europe/Bucharest",
	"Western European Time": "Europe/Lisbon", "Western European Standard Time": "Europe/Lisbon", "British Summer Time": "Europe/London",
	"Japan Standard Time": "Asia/Tokyo", "India Standard Time": "Asia/Kolkata", "Moscow Standard Time": "Europe/Moscow",
	"AKST": "America/Anchorage", "AST": "America/Halifax", "NST": "America/St_Johns", "JST": "Asia/Tokyo", "IST": "Asia/Kolkata", "MSK": "Europe/Moscow", "AEST": "Australia/Sydney",
}

// zoneOffset returns the seconds that a zone is ahead of UTC at a local time
// (milliseconds): "", Z, +hh, +hhmm, +hh:mm, or a blank and one of those, a
// name, or UTC or GMT with an offset.
func zoneOffset(zone string, local int64, seconds bool) (int64, bool) {
	if zone == "" {
		return 0, true
	}
	name, named := strings.CutPrefix(zone, " ")
	if offset, ok := numericOffset(name, named || seconds); ok {
		return offset, true
	}
	if !named {
		return 0, seconds && zone == "z" // behind a date alone case does not matter
	}
	for _, prefix := range [...]string{"UTC", "GMT", "UT"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			if rest == "" {
				return 0, true
			}
			if rest[0] == '+' || rest[0] == '-' {
				if len(rest) < len("+hh:mm") || rest[3] != ':' {
					return 0, false
				}
				return numericOffset(rest, true)
			}
		}
	}
	if region, ok := zoneNames[name]; ok {
		name = region
	}
	if name == "" || name == "Local" || len(name) > len("Etc/GMT") && strings.HasPrefix(name, "Etc/GMT") || strings.ContainsAny(name, `.\`) {
		return 0, false
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return 0, false
	}
	utc := time.UnixMilli(local).UTC()
	t := time.Date(utc.Year(), utc.Month(), utc.Day(), utc.Hour(), utc.Minute(), utc.Second(), 0, location)
	_, offset := t.Zone()
	return int64(offset), true
}

// numericOffset reads Z, +hh, +hhmm, +hh:mm and, with seconds set, +hh:mm:ss.
func numericOffset(s string, seconds bool) (int64, bool) {
	if s == "Z" {
		return 0, true
	}
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	digits := s[1:]
	switch {
	case len(digits) == 5 && digits[2] == ':':
		digits = digits[:2] + digits[3:]
	case seconds && len(digits) == 8 && digits[2] == ':' && digits[5] == ':':
		digits = digits[:2] + digits[3:5] + digits[6:]
	case len(digits) != 2 && len(digits) != 4:
		return 0, false
	}
	if !isDigits(digits) {
		return 0, false
	}
	var part [3]int64
	for i := 0; i < len(digits); i += 2 {
		part[i/2] = int64(digits[i]-'0')*10 + int64(digits[i+1]-'0')
	}
	v := part[0]*3600 + part[1]*60 + part[2]
	if part[1] > 59 || part[2] > 59 || v > 18*3600 {
		return 0, false
	}
	if s[0] == '-' {
		v = -v
	}
	return v, true
}
