package ids

import (
	"errors"
	"strconv"
)

// An Account is an AWS account number: twelve digits, leading zeros included.
type Account string

// ErrAccount reports text that is not an account number.
var ErrAccount = errors.New("an account is twelve digits")

// ParseAccount accepts twelve digits and nothing else.
func ParseAccount(s string) (Account, error) {
	if _, ok := Account(s).number(); !ok {
		return "", ErrAccount
	}
	return Account(s), nil
}

func (a Account) number() (n uint64, ok bool) {
	for _, c := range []byte(a) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(string(a), 10, 64)
	return n, err == nil && len(a) == 12
}

// accountNumber is the inverse of number.
func accountNumber(n uint64) (Account, bool) {
	if n > 999_999_999_999 {
		return "", false
	}
	var digits [12]byte
	for i := range digits {
		digits[len(digits)-1-i] = byte('0' + n%10)
		n /= 10
	}
	return Account(digits[:]), true
}

// Account makes an account number. It does not begin with 0, since there are
// programs that take one for a number and lose zeros. Look it up before using it.
func (s Source) Account() Account {
	return Account(s.Letters("123456789", 1) + s.Letters("0123456789", 11))
}
