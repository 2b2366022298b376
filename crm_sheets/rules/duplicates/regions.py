"""Chinese provinces and prefecture-level cities, as company names and addresses carry them.

The names are those of GB/T 2260 (administrative divisions of the People's Republic of China), cut to the part that
people write: 山东 for 山东省, 凉山 for 凉山彝族自治州.
"""

import re
from collections import Counter
from functools import cache
from typing import NamedTuple

from crm_sheets.rules.duplicates.text import sound

PROVINCES = """
北京: 北京
天津: 天津
上海: 上海
重庆: 重庆
河北: 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 雄安
山西: 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
内蒙古: 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安 锡林郭勒 阿拉善
辽宁: 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛
吉林: 长春 吉林 四平 辽源 通化 白山 松原 白城 延边
黑龙江: 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭
江苏: 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 江阴
浙江: 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌
安徽: 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
福建: 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
江西: 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
山东: 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 莱芜 临沂 德州 聊城 滨州 菏泽
河南: 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源
湖北: 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 天门 神农架
湖南: 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西
广东: 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮
广西: 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
海南: 海口 三亚 三沙 儋州
四川: 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山
贵州: 贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南
云南: 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆
西藏: 拉萨 日喀则 昌都 林芝 山南 那曲 阿里
陕西: 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
甘肃: 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南
青海: 西宁 海东 海北 黄南 海南 果洛 玉树 海西
宁夏: 银川 石嘴山 吴忠 固原 中卫
新疆: 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 克孜勒苏 喀什 和田 伊犁 塔城 阿勒泰 石河子
香港: 香港
澳门: 澳门
台湾: 台北 高雄 台中 台南 新竹
"""

MUNICIPALITIES = frozenset({"北京", "上海", "天津", "重庆", "香港", "澳门"})
"""Provinces that are one city."""

PROVINCE_ENDINGS = ("省", "市", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区")
CITY_ENDINGS = ("", "市", "地区", "盟", "州")
_SELF_GOVERNED = re.compile(
    "(?:(?:蒙古|藏|彝|苗|侗|布依|土家|回|傣|景颇|傈僳|白|哈尼|壮|朝鲜|羌|柯尔克孜|哈萨克)族?){1,3}自治州"
)
_PEOPLES = frozenset("蒙藏彝苗侗布土回傣景傈白哈壮朝羌柯")
"""What the name of a self-governed prefecture goes on with."""
MORE_OF_A_PLACE = _PEOPLES | {"直"}
"""What may follow the name of a place and still belong to it."""
_WITHOUT_PREFECTURE = re.compile("直辖县级行政区划")
"""What the division lists put where counties have no prefecture above them."""


class Region(NamedTuple):
    """A place as far as a text says it; "" for what it leaves open.

    `number` is its place in `regions()`, 0 for nowhere.
    """

    province: str = ""
    city: str = ""
    number: int = 0

    def agrees(self, other: "Region") -> bool:
        """Whether both may be the same place: nothing that both say differs."""
        return not (
            (self.province and other.province and self.province != other.province)
            or (self.city and other.city and self.city != other.city)
        )


NOWHERE = Region()


@cache
def regions() -> tuple[Region, ...]:
    """Every place that is known, NOWHERE first."""
    found = [NOWHERE]
    for line in PROVINCES.strip().splitlines():
        province, _, names = line.partition(":")
        found.append(Region(province, province if province in MUNICIPALITIES else "", len(found)))
        if province not in MUNICIPALITIES:
            for city in names.split():
                found.append(Region(province, city, len(found)))
    return tuple(found)


@cache
def written() -> dict[str, tuple[Region, int]]:
    """Every usual way to write a place, with the place and the length of what is written."""
    found: dict[str, tuple[Region, int]] = {}
    for place in regions()[1:]:
        whole = [place.province + ending for ending in ("", *PROVINCE_ENDINGS)]
        if not place.city or place.province in MUNICIPALITIES:
            found |= {text: (place, len(text)) for text in whole}
        else:
            city = place.city
            for before in whole:
                found |= {text: (place, len(text)) for text in (before + city + ending for ending in CITY_ENDINGS)}
            for ending in CITY_ENDINGS:
                found.setdefault(city + ending, (place, len(city + ending)))
    return found


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """By the first two characters: how long what is written may be, the longest first."""
    found: dict[str, set[int]] = {}
    for text in written():
        found.setdefault(text[:2], set()).add(len(text))
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in found.items()}


def leading_region(text: str) -> tuple[Region, str]:
    """The place that `text` begins with, and what follows it.

    A city counts only below its own province: 三门峡云南红 begins with 三门峡, and 云南红 is what the firm is called.
    """
    lengths = _lengths().get(text[:2])
    if lengths is None:
        return NOWHERE, text
    table = written()
    for length in lengths:
        hit = table.get(text[:length])
        if hit is not None:
            region, end = hit
            following = text[end : end + 1]
            if following == "直" and (match := _WITHOUT_PREFECTURE.match(text, end)):
                return leading_region(text[:end] + text[match.end() :])
            if following in _PEOPLES and (match := _SELF_GOVERNED.match(text, end)):
                end = match.end()
            return region, text[end:]
    return NOWHERE, text


def roman_region(word: str) -> Region:
    """The city or province that a word is in pinyin; NOWHERE for none, and where two sound alike: 苏州, 宿州."""
    return _in_pinyin().get(word, NOWHERE)


@cache
def _in_pinyin() -> dict[str, Region]:
    places = [(sound(place.city or place.province), place) for place in regions()[1:]]
    heard = Counter(name for name, _ in places)
    return {name: place for name, place in places if heard[name] == 1}


def trailing_region(text: str) -> str:
    """How the place is written with which `text` ends, as long as it may be; "" for none."""
    table = written()
    ends = (text[start:] for start in range(max(0, len(text) - _longest()), len(text) - 1))
    return next((end for end in ends if end in table), "")


@cache
def _longest() -> int:
    return max(map(len, written()))
