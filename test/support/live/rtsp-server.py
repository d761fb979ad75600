"""GStreamer's RTSP server: one live tone as PCMU, as a Barix or an IP microphone gives it, where words on standard input change what is said; or, for
the word `camera` instead of a frequency, a moving picture as an old IP camera gives it, because that needs no encoder outside Debian's good plugins."""
import sys
import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

Gst.init(None)
port, hertz = sys.argv[1], sys.argv[2]
source = f"audiotestsrc name=src is-live=true freq={hertz} volume=0.25"
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
sound = f"( {source} ! audioconvert ! audioresample ! mulawenc ! rtppcmupay name=pay0 pt=0 )"
moving = "video/x-raw,format=I420,width=640,height=360,framerate=25/1"
picture = f"( videotestsrc is-live=true pattern=ball ! {moving} ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
camera = hertz == "camera"
factory.set_launch(picture if camera else sound)
factory.set_shared(True)
found = []
said = {"volume": 0.25, "wave": "sine"}


def apply():
    for element in found:
        element.set_property("volume", said["volume"])
        Gst.util_set_object_arg(element, "wave", said["wave"])


def configure(_, media):
    found[:] = [media.get_element().get_by_name("src")]
    apply()


def read(channel, _):
    word = channel.readline().strip()
    if word == "":
        return False
    said["volume"] = {"tone": 0.25, "mute": 0.0, "noise": 0.002}[word]
    said["wave"] = "white-noise" if word == "noise" else "sine"
    apply()
    return True


if not camera:
    factory.connect("media-configure", configure)
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
GLib.io_add_watch(sys.stdin, GLib.IO_IN, read)
GLib.MainLoop().run()
