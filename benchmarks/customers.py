"""A made-up book of customers with duplicates in it, the same for the same seed.

Firms get a Chinese or English name, and some relatives: the same brand in another trade or town, a branch, two firms
with one agent. The copies of a firm carry what people do to a row: left-out columns, short names, other scripts and
widths, slips, new contacts and numbers. The words are this module's own.

There are two families of faults. The weights of the rules were looked at with the first one and seed 1 only; what is
reported is measured on other seeds and on the second family: same-sound signs, names in pinyin or all in full width,
titles, extensions, two numbers in a cell, streets left out, addresses from another mailbox of the firm.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache


def _words(text: str) -> list[str]:
    return text.split()


TOWNS = [
    "河北 石家庄",
    "河北 保定",
    "山西 太原",
    "辽宁 沈阳",
    "辽宁 大连",
    "吉林 长春",
    "江苏 南京",
    "江苏 苏州",
    "江苏 无锡",
    "江苏 常州",
    "浙江 杭州",
    "浙江 宁波",
    "浙江 温州",
    "安徽 合肥",
    "安徽 芜湖",
    "福建 福州",
    "福建 厦门",
    "福建 泉州",
    "江西 南昌",
    "江西 赣州",
    "山东 济南",
    "山东 青岛",
    "山东 烟台",
    "河南 郑州",
    "河南 洛阳",
    "湖北 武汉",
    "湖北 宜昌",
    "湖南 长沙",
    "湖南 株洲",
    "广东 广州",
    "广东 深圳",
    "广东 东莞",
    "广东 佛山",
    "广西 南宁",
    "四川 成都",
    "四川 绵阳",
    "贵州 贵阳",
    "云南 昆明",
    "陕西 西安",
    "甘肃 兰州",
]
BRAND_SIGNS = (
    "华盛天宏泰瑞信达恒远博创联科新明锦程润丰嘉禾鼎立正方圆通安康乐家美佳好运来金银玉石海山川江河湖云星月日光辉煌龙凤"
    "鹏翔飞腾跃进强力威尔斯诺贝康德利百万千佰亿兆兴旺发昌隆庆祥和平顺邦国民众友谊诚信义德仁智勇志成功"
)
TRADES = _words("""
    软件 信息科技 网络科技 机械设备 物流 贸易 食品 餐饮管理 医疗器械 建筑工程 服装 化工 电子 环保科技 文化传媒
    广告 咨询 酒店管理 家具 五金制品 印刷 农业发展 汽车配件 教育咨询 进出口
    """)
FORMS = ("有限公司",) * 12 + ("有限责任公司",) * 3 + ("股份有限公司", "集团有限公司", "厂", "经营部")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志红梅玉兰文斌鑫宇浩轩欣怡佳琪雪莹晨"
STREETS = _words("""
    人民路 解放路 中山路 建设路 和平街 新华路 文化路 滨河路 长江路 科技大道 创新路 迎宾大道 朝阳街 学府路 富强路
    """)
DISTRICTS = _words("""
    东湖区 西城区 高新区 江北区 南山区 城关区 新城区 开发区 桥东区 鼓楼区
    """)
WORDS = _words("""
    Alpha Apex Beacon Cedar Delta Ember Falcon Granite Harbor Iris Juniper Kestrel Lumen Meadow Nimbus Onyx
    Pioneer Quartz Ridge Summit Tundra Umber Vista Willow Zephyr
    """)
WESTERN_TRADES = _words("""
    Software Foods Logistics Trading Medical Energy Media Systems Textiles Design
    """)
WESTERN_FORMS = ["Ltd", "Inc.", "LLC", "Co., Ltd.", "GmbH", "Corporation"]
FIRST = _words("""
    James Mary Robert Linda Michael Susan David Karen Paul Nancy Mark Lisa Anna Peter Laura Simon Julia Martin Helen
    Oliver Emma George Alice Henry Clara Thomas Nora Victor Irene Daniel Grace Andrew Sarah Brian Diane Kevin Ruth
    """)
LAST = _words("""
    Baker Carter Evans Foster Gray Hughes Kelly Lewis Morgan Parker Reed Turner Adams Bennett Collins Dawson Ellis
    Fisher Gibson Hayes Irwin Jenkins Knight Lawson Marsh Newton Osborne Palmer Quinn Rhodes Saunders Tucker Underhill
    Vaughan Watts Yates Abbott Barlow Crane Draper Emery Finch Goodwin Holt Ingram Jarvis Kemp Lowe Mercer Nash
    """)
ONSETS = _words("b br c cl d dr f fl g gr h j k l m n p pr qu r s st t tr v w z")
VOWELS = _words("a e i o u ea io")
CODAS = _words("n r l x s m t nd rk ")
"""Of such sounds coined names are made: Velora, Britex."""
FREE = _words("""
    qq.com 163.com 126.com gmail.com outlook.com sina.com
    """)
SIMPLE = "华远达联创锦润丰乐银云龙凤飞腾进强尔诺贝万亿兴发庆顺国众谊诚义软网机械设备贸饮医疗筑装电环传媒广询酒属业汽车"
TRADITIONAL = (
    "華遠達聯創錦潤豐樂銀雲龍鳳飛騰進強爾諾貝萬億興發慶順國眾誼誠義軟網機械設備貿飲醫療築裝電環傳媒廣詢酒屬業汽車"
)


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of the book, and which firm it is of."""

    row_id: str
    name: str
    contact: str
    phone: str
    email: str
    address: str
    credit_code: str
    true_cluster: int


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm with its name in parts; `town` is "" for an English one."""

    town: str
    brand: str
    trade: str
    form: str
    contact: str
    phone: str
    email: str
    address: str
    code: str
    branch: str = ""

    def name(self, town: str | None = None, trade: bool = True, form: bool = True) -> str:
        """The written name, with the parts that are wanted."""
        if not self.town:
            return " ".join(
                part for part in (self.brand, self.trade if trade else "", self.form if form else "") if part
            )
        place = self.town.split()[1] if town is None else town
        return place + self.brand + (self.trade if trade else "") + (self.form if form else "") + self.branch


def customers(count: int, seed: int, hard: bool = False, family: int = 1) -> list[Customer]:
    """`count` rows in random order; about a third of them stand in the book more than once.

    Args:
        count: of rows.
        seed: the same one gives the same rows.
        hard: few columns are filled, more slips, more relatives.
        family: of faults, 1 or 2.
    """
    chance = random.Random(seed)
    rows: list[Customer] = []
    for cluster, firm in enumerate(_firms(chance, count, hard)):
        copies = chance.choices((1, 2, 3, 4, 5), (79, 15, 4, 1.5, 0.5))[0]
        for number in range(copies):
            copied = (hard and copies > 1) or number > 0
            row = _row(chance, firm, cluster, copied, hard)
            rows.append(_spoilt(chance, row, firm, hard) if copied and family == 2 else row)
        if len(rows) >= count:
            break
    rows = rows[:count]
    chance.shuffle(rows)
    return [replace(row, row_id=str(number)) for number, row in enumerate(rows, 1)]


def _firms(chance: random.Random, count: int, hard: bool) -> Iterator[Firm]:
    """Firms without end, now and then with a relative of one of the last."""
    recent: list[Firm] = []
    relatives = 0.3 if hard else 0.12
    while True:
        if recent and chance.random() < relatives:
            firm = _relative(chance, chance.choice(recent))
        else:
            firm = _chinese(chance) if chance.random() < 0.85 else _western(chance)
            recent = [*recent[-40:], firm]
        yield firm


def _chinese(chance: random.Random) -> Firm:
    town = chance.choice(TOWNS)
    brand = "".join(chance.choices(BRAND_SIGNS, k=chance.choice((2, 2, 3, 3, 4))))
    firm = Firm(town, brand, chance.choice(TRADES), chance.choice(FORMS), "", "", "", "", _code(chance))
    return _staffed(chance, replace(firm, address=_address(chance, town)))


def _coined(chance: random.Random) -> str:
    """A word that is nobody's name yet."""
    sounds = (chance.choice(ONSETS) + chance.choice(VOWELS) for _ in range(chance.choice((2, 2, 3))))
    return ("".join(sounds) + chance.choice(CODAS)).capitalize()


def _western(chance: random.Random) -> Firm:
    brand = f"{_coined(chance)} {chance.choice(WORDS + LAST)}" if chance.random() < 0.7 else _coined(chance)
    firm = Firm("", brand, chance.choice(WESTERN_TRADES), chance.choice(WESTERN_FORMS), "", "", "", "", "")
    street = f"{chance.choice(WORDS)} {chance.choice(('Road', 'Street', 'Avenue'))}"
    house = f"{chance.randint(1, 9999)} {street}, Floor {chance.randint(1, 40)}"
    return _staffed(chance, replace(firm, address=f"{house}, {chance.choice(('Boston', 'London', 'Sydney'))}"))


def _staffed(chance: random.Random, firm: Firm) -> Firm:
    """The firm with another contact, phone and mailbox."""
    if firm.town:
        contact = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
        phone = f"1{chance.choice('35789')}{chance.randrange(10**9):09}"
        if chance.random() < 0.3:
            phone = f"0{chance.randint(311, 998)}-{chance.randrange(10**7, 10**8)}"
        local = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=8)) + str(chance.randrange(1000))
        email = f"{local}@{chance.choice(FREE)}"
    else:
        first, last = chance.choice(FIRST), chance.choice(LAST)
        contact, phone = f"{first} {last}", f"+1{chance.randint(212, 989)}{chance.randrange(2 * 10**6, 10**7):07}"
        email = f"{first}.{last}@{firm.brand.replace(' ', '')}.com".lower()
    return replace(firm, contact=contact, phone=phone, email=email)


def _relative(chance: random.Random, firm: Firm) -> Firm:
    """A firm that looks like another one and is not."""
    kind = chance.randrange(4)
    other = _staffed(chance, replace(firm, code=_code(chance) if firm.code else ""))
    if not firm.town or kind == 0:
        return replace(
            other,
            trade=chance.choice([trade for trade in (TRADES if firm.town else WESTERN_TRADES) if trade != firm.trade]),
        )
    town = chance.choice([town for town in TOWNS if town != firm.town])
    if kind == 1:
        return replace(other, town=town, address=_address(chance, town))
    if kind == 2:
        return replace(other, branch=town.split()[1] + "分公司", address=_address(chance, town))
    agent = _chinese(chance)
    return replace(agent, contact=firm.contact, phone=firm.phone)


def _code(chance: random.Random) -> str:
    return (
        "91"
        + "".join(chance.choices("0123456789", k=6))
        + "".join(chance.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=10))
    )


def _address(chance: random.Random, town: str) -> str:
    province, city = town.split()
    room = f"{chance.randint(1, 20)}栋{chance.randint(101, 3200)}室" if chance.random() < 0.7 else ""
    return f"{province}省{city}市{chance.choice(DISTRICTS)}{chance.choice(STREETS)}{chance.randint(1, 2999)}号{room}"


def _row(chance: random.Random, firm: Firm, cluster: int, copied: bool, hard: bool) -> Customer:
    shown = firm
    if copied and chance.random() < (0.3 if hard else 0.18):
        shown = _staffed(chance, firm)
        shown = replace(shown, contact=firm.contact) if chance.random() < 0.6 else replace(shown, phone=firm.phone)
    name = _written(chance, firm, hard) if copied else firm.name()
    gone = 0.4 if hard else 0.25
    fields = [
        shown.contact,
        _phone(chance, shown.phone) if copied else shown.phone,
        shown.email,
        _shortened(chance, shown.address, copied),
    ]
    kept = [
        value if chance.random() > gone * factor else ""
        for value, factor in zip(fields, (0.6, 0.4, 1.4, 1), strict=True)
    ]
    code = firm.code if chance.random() < (0.2 if hard else 0.45) else ""
    return Customer("", name, kept[0], kept[1], kept[2], kept[3], code, cluster)


def _spoilt(chance: random.Random, row: Customer, firm: Firm, hard: bool) -> Customer:
    """A copy with one or two faults of the second family, beside those of the first."""
    for fault in chance.sample(_SECOND_FAMILY, 2 if hard else 1):
        row = fault(chance, row, firm)
    return row


def _same_sound(chance: random.Random, row: Customer, firm: Firm) -> Customer:
    at = [place for place, sign in enumerate(row.name) if len(set(_homophones().get(sign, ""))) > 1]
    if not at:
        return row
    place = chance.choice(at)
    others = [sign for sign in _homophones()[row.name[place]] if sign != row.name[place]]
    return replace(row, name=row.name[:place] + chance.choice(others) + row.name[place + 1 :])


def _in_pinyin(chance: random.Random, row: Customer, firm: Firm) -> Customer:
    if not firm.town or chance.random() < 0.7:
        return row
    return replace(row, name=f"{_pinyin(firm.town.split()[1])} {_pinyin(firm.brand)} Co., Ltd.")


def _full_width(chance: random.Random, row: Customer, firm: Firm) -> Customer:
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    return replace(row, name=row.name.translate(wide), phone=row.phone.translate(wide), email=row.email.upper())


def _titled(chance: random.Random, row: Customer, firm: Firm) -> Customer:
    if not row.contact:
        return row
    if firm.town:
        chinese = (row.contact + "经理", row.contact[0] + "总", row.contact + "（财务）")
        return replace(row, contact=chance.choice(chinese))
    first, last = row.contact.split()
    return replace(row, contact=chance.choice((f"Mr. {first} {last}", f"{last}, {first}", f"{first[0]}. {last}")))


def _second_number(chance: random.Random, row: Customer, firm: Firm) -> Customer:
    other = f"0{chance.randint(311, 998)}-{chance.randrange(10**6, 10**7)}"
    written = (f"{row.phone}转{chance.randint(10, 999)}", f"{other}/{row.phone}")
    return replace(row, phone=chance.choice(written)) if row.phone else row


def _no_street(chance: random.Random, row: Customer, firm: Firm) -> Customer:
    return replace(row, address=row.address.split("区")[0] + "区" if "区" in row.address else "")


def _desk(chance: random.Random, row: Customer, firm: Firm) -> Customer:
    domain = row.email.partition("@")[2]
    return replace(row, email=f"info@{domain}") if domain and domain not in FREE else replace(row, email="")


_SECOND_FAMILY = (_same_sound, _same_sound, _in_pinyin, _full_width, _titled, _second_number, _no_street, _desk)


@cache
def _homophones() -> dict[str, str]:
    """For each sign of a brand those that sound the same, and some more that people type instead."""
    signs = BRAND_SIGNS + "化胜甜弘态锐鑫搭横元伯闯连棵心名景成闰锋佳和顶力征园同按抗"
    by_sound: dict[str, str] = {}
    for sign in signs:
        by_sound[_pinyin(sign)] = by_sound.get(_pinyin(sign), "") + sign
    return {sign: found for found in by_sound.values() for sign in found}


def _pinyin(text: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text)).capitalize()


def _written(chance: random.Random, firm: Firm, hard: bool) -> str:
    """The name of a copy."""
    name = firm.name()
    if firm.town:
        province, city = firm.town.split()
        written = (
            name,
            name,
            name,
            firm.name(f"{city}市"),
            firm.name(""),
            firm.name(f"{province}省{city}市"),
            firm.name(form=False),
            f"{firm.brand}（{city}）{firm.trade}{firm.form}{firm.branch}",
            firm.name(trade=False, form=False),
        )
        name = chance.choice(written)
        if chance.random() < 0.06:
            name = name.translate(str.maketrans(SIMPLE, TRADITIONAL))
    else:
        name = chance.choice((name, name, name.upper(), firm.name(form=False), f"The {name}"))
    if chance.random() < (0.2 if hard else 0.08):
        name = _slip(chance, name)
    if chance.random() < 0.04:
        name += chance.choice((" ", "(新)", "（重复）", "-总部", "."))
    return name


def _slip(chance: random.Random, text: str) -> str:
    place = chance.randrange(len(text) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + chance.choice(BRAND_SIGNS if ord(text[place]) > 0x3000 else "aeiou") + text[place + 1 :]


def _phone(chance: random.Random, phone: str) -> str:
    kind = chance.randrange(12)
    if kind == 0:
        return "+86 " + phone.lstrip("0") if not phone.startswith("+") else phone[1:]
    if kind == 1:
        return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    if kind == 2:
        return phone.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    return _slip(chance, phone) if kind == 3 else phone


def _shortened(chance: random.Random, address: str, copied: bool) -> str:
    if not copied or chance.random() < 0.7:
        return address
    if "省" in address:
        return chance.choice(
            (
                address.replace("省", "").replace("市", ""),
                address.split("省")[1],
                address.split("号", maxsplit=1)[0] + "号",
            )
        )
    return address.replace("Road", "Rd").replace("Street", "St").replace("Floor", "Fl")
