#!/bin/sh
# A machine with one GPIO chip of files, in a mount namespace of its own: gpio-namespace.sh FOLDER COMMAND…
set -e
mount -t tmpfs tmpfs /sys/class
mkdir -p /sys/class/gpio/gpiochip512
cd /sys/class/gpio
: > export
: > unexport
echo pinctrl-test > gpiochip512/label
echo 512 > gpiochip512/base
echo 54 > gpiochip512/ngpio
for line in 529 539; do
    mkdir "gpio$line"
    echo in > "gpio$line/direction"
    echo 0 > "gpio$line/value"
    echo 0 > "gpio$line/active_low"
    echo none > "gpio$line/edge"
done
# A key on line 23: whoever holds the folder turns it.
mkdir gpio535
for name in direction active_low edge; do
    cp "gpio529/$name" "gpio535/$name"
done
echo 0 > "$1/line-23"
ln -s "$1/line-23" gpio535/value
cd "$1"
shift
exec "$@"
