package redis

import (
	"fmt"
	"time"
)

// SetPatience sets how long a store repeats a request that may succeed later.
func SetPatience(s *Store, d time.Duration) { s.patience = d }

// AddressOf reads the setting of an address: host:port, the database, and whether by TLS.
func AddressOf(text string) (string, error) {
	o, err := readAddress(text)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(o.Addr, " ", o.DB, " ", o.TLSConfig != nil), nil
}
